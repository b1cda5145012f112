import type { OrderSnapshot, OrderView } from '#contracts';

/**
 * What a watcher of an order has been shown. An event says what the order was like, the order service what it is like
 * by now and what events leave out (address, times); together they make the order as it was at the event.
 */
export class OrderProgress {
  private shown: OrderView | undefined;

  /** The present state, unless it was shown already. */
  now(order: OrderView): OrderView | undefined {
    return this.show(order);
  }

  /** The order as of an event, or undefined when that, or something later, was shown already. */
  after(event: OrderSnapshot, order: OrderView): OrderView | undefined {
    const reached = order.history.findIndex(({ state }) => state === event.state);
    const shownUpTo = (this.shown?.history.length ?? 0) - 1;
    // Not in the history: the answer is from before the event, or the event says nothing of a state.
    if (reached < 0) return this.show(order);
    if (reached < shownUpTo) return undefined;
    const isPresent = reached === order.history.length - 1;
    return this.show(isPresent ? order : asOf(event, order, reached));
  }

  private show(order: OrderView): OrderView | undefined {
    if (this.shown && looksOf(this.shown) === looksOf(order)) return undefined;
    return (this.shown = order);
  }
}

/** What can change of an order: the same looks twice are nothing new, though one came from an event. */
const looksOf = ({ state, payment, cancellation, trackingCode, history }: OrderView): string =>
  JSON.stringify([
    state,
    history.length,
    payment.state,
    payment.captured.amountMinor,
    payment.refunded.amountMinor,
    cancellation?.code,
    trackingCode ?? null,
  ]);

function asOf(event: OrderSnapshot, order: OrderView, reached: number): OrderView {
  const isCancelled = event.cancellationCode !== undefined && event.cancellationCode !== null;
  return {
    ...order,
    state: event.state,
    payment: event.payment,
    cancellation: isCancelled ? order.cancellation : null,
    trackingCode: event.trackingCode,
    history: order.history.slice(0, reached + 1),
  };
}
