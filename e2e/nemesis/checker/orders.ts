import { histories, orderOf, stockOf, type Check, type Message, type Recording } from './recording.js';
import { ledgerOf, STOCK_TOPIC } from './stock.js';

const ORDER_TOPIC = 'order.order.v1';
const SALES = new Set(['CONFIRMED', 'SHIPPED', 'DELIVERED']);
const isFinal = (state: string): boolean => SALES.has(state) || state === 'CANCELLED';

const NEXT: Readonly<Record<string, readonly string[]>> = {
  '': ['PENDING'],
  PENDING: ['RESERVED', 'CANCELLING', 'CANCELLED'],
  RESERVED: ['PAID', 'CANCELLING', 'CANCELLED'],
  PAID: ['CONFIRMED', 'CANCELLING', 'CANCELLED'],
  CONFIRMED: ['SHIPPED', 'CANCELLING'],
  SHIPPED: ['DELIVERED'],
  CANCELLING: ['CANCELLED'],
};

interface OrderHistory {
  readonly id: string;
  readonly state: string;
  readonly passed: ReadonlySet<string>;
  readonly totalMinor: number;
  readonly problems: readonly string[];
}

function replay(id: string, history: readonly Message[]): OrderHistory {
  const problems: string[] = [];
  const passed = new Set<string>();
  let [state, totalMinor] = ['', 0];
  for (const message of history) {
    const { state: next, total } = orderOf(message);
    if (next !== state && !NEXT[state]?.includes(next))
      problems.push(`${id} went from ${state || 'nothing'} to ${next}`);
    passed.add(next);
    [state, totalMinor] = [next, total.amountMinor];
  }
  return { id, state, passed, totalMinor, problems };
}

const replayAll = (recording: Recording): OrderHistory[] =>
  [...histories(recording, ORDER_TOPIC)].map(([id, history]) => replay(id, history));

/** Every order goes its way to an end in time, and the API shows the state that its last event has. */
export const checkOrders: Check = (recording) => {
  const { orders, finalWithinMs } = recording;
  const told = new Map(replayAll(recording).map((order) => [order.id, order]));
  return [
    ...[...told.values()].flatMap(({ problems }) => problems),
    ...[...told.values()].filter(({ state }) => !isFinal(state)).map(({ id, state }) => `${id} is left ${state}`),
    ...orders.flatMap(({ id, state, finalAfterMs }) => {
      const last = told.get(id)?.state;
      if (last !== state) return [`${id}: the API shows ${state}, its events say ${last ?? 'nothing'}`];
      if (finalAfterMs !== null && finalAfterMs <= finalWithinMs) return [];
      return [`${id} was not final in time: ${finalAfterMs ?? '?'} ms after the last fault`];
    }),
  ];
};

/** Money is captured once for each sale, in its amount, and for nothing else. */
export const checkMoney: Check = (recording) => {
  const orders = replayAll(recording);
  const books = new Map(recording.books.map((booking) => [booking.orderId, booking]));
  const known = new Set(orders.map(({ id }) => id));
  return [
    ...recording.books.filter(({ orderId }) => !known.has(orderId)).map(({ orderId }) => `${orderId} is no order`),
    ...orders.flatMap(({ id, state, totalMinor }) => {
      const { captures = 0, refunds = 0, capturedMinor = 0, refundedMinor = 0 } = books.get(id) ?? {};
      const isSale = SALES.has(state);
      const isRight = isSale ? captures === 1 && refunds === 0 : captures <= 1 && captures === refunds;
      if (!isRight) return [`${id} is ${state}, with ${captures} captures and ${refunds} refunds`];
      const kept = capturedMinor - refundedMinor;
      return kept === (isSale ? totalMinor : 0) ? [] : [`${id} is ${state} over ${totalMinor}, ${kept} were kept`];
    }),
  ];
};

/** The pieces that were set aside, and those that left the stock, are those of the orders that say so. */
export const checkSales: Check = (recording) => {
  const stock = [...histories(recording, STOCK_TOPIC).values()].flat();
  const setAside = new Set(stock.flatMap((event) => (event.type === 'stock.reserved' ? [stockOf(event).orderId] : [])));
  const sold = soldOrders(recording);
  const orders = replayAll(recording);
  const sales = new Set(orders.flatMap(({ id, state }) => (SALES.has(state) ? [id] : [])));
  return [
    ...orders
      .filter(({ id, passed }) => passed.has('RESERVED') && !setAside.has(id))
      .map(({ id }) => `${id} was reserved, and nothing was set aside`),
    ...[...sold].filter((id) => !sales.has(id)).map((id) => `${id} has pieces, but is no sale`),
    ...[...sales].filter((id) => !sold.has(id)).map((id) => `${id} is a sale without pieces`),
  ];
};

function soldOrders(recording: Recording): Set<string> {
  const events = histories(recording, STOCK_TOPIC);
  const ledgers = recording.variants.map((variant) => ledgerOf(variant, events.get(variant.variantId) ?? []));
  return new Set(ledgers.flatMap(({ sold }) => [...sold.keys()]));
}
