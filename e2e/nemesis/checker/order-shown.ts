import type { OrderShown } from './shown.js';

interface Amount {
  readonly amountMinor: number;
}

/** An order in the words of the API, which its events share. */
export interface OrderGiven extends Pick<OrderShown, 'number' | 'state' | 'cancellationCode' | 'shareCode' | 'passed'> {
  readonly total: Amount;
  readonly payment: { readonly state: string; readonly captured: Amount; readonly refunded: Amount };
  readonly lines: readonly {
    readonly id: string;
    readonly variantId: string;
    readonly quantity: number;
    readonly title: string;
  }[];
}

/** An order to be compared with another, each line in one string. */
export const orderShown = (orderId: string, { total, payment, lines, ...order }: OrderGiven): OrderShown => ({
  orderId,
  number: order.number,
  state: order.state,
  totalMinor: total.amountMinor,
  payment: {
    state: payment.state,
    capturedMinor: payment.captured.amountMinor,
    refundedMinor: payment.refunded.amountMinor,
  },
  cancellationCode: order.cancellationCode,
  shareCode: order.shareCode,
  lines: lines.map(({ id, variantId, quantity, title }) => `${id}: ${quantity} of ${variantId} (${title})`),
  passed: order.passed,
});
