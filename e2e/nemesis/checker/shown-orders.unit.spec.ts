import { expect, test } from '@jest/globals';
import type { Booking } from './recording.js';
import { checkShownOrders } from './shown-orders.js';
import type { OrderShown } from './shown.js';
import { recordingOf, type Told } from './told.js';

const LINE = { id: 'line-1', variantId: 'lamp', quantity: 1, title: 'Lamp' };
const euros = (amountMinor: number): object => ({ amountMinor, currency: 'EUR' });
const order = (orderId: string, type: string, state: string, payment: string, captured = 0, refunded = 0): Told => [
  'order.order.v1',
  `order.${type}`,
  orderId,
  {
    number: 'A-1',
    state,
    merchantId: 'shop',
    buyerProfileId: 'ben',
    lines: [LINE],
    total: euros(4900),
    payment: { state: payment, captured: euros(captured), refunded: euros(refunded) },
    ...(state.startsWith('CANCEL') ? { cancellationCode: 'BUYER' } : {}),
  },
];
/** The first order was paid and is cancelled; the second one waits. */
const EVENTS: readonly Told[] = [
  order('order-1', 'placed', 'PENDING', 'NONE'),
  order('order-2', 'placed', 'PENDING', 'NONE'),
  order('order-1', 'payment-changed', 'PENDING', 'UNCERTAIN'),
  order('order-1', 'confirmed', 'CONFIRMED', 'CAPTURED', 4900),
  order('order-1', 'cancelling', 'CANCELLING', 'CAPTURED', 4900),
  order('order-1', 'cancelled', 'CANCELLED', 'REFUNDED', 4900, 4900),
];
const BOOKS: readonly Booking[] = [
  { orderId: 'order-1', captures: 1, refunds: 1, capturedMinor: 4900, refundedMinor: 4900 },
];
const WAITING: OrderShown = {
  orderId: 'order-2',
  number: 'A-1',
  state: 'PENDING',
  totalMinor: 4900,
  payment: { state: 'NONE', capturedMinor: 0, refundedMinor: 0 },
  cancellationCode: null,
  shareCode: null,
  lines: ['line-1: 1 of lamp (Lamp)'],
  passed: ['PENDING'],
};
const CANCELLED: OrderShown = {
  ...WAITING,
  orderId: 'order-1',
  state: 'CANCELLED',
  payment: { state: 'REFUNDED', capturedMinor: 4900, refundedMinor: 4900 },
  cancellationCode: 'BUYER',
  passed: ['PENDING', 'CONFIRMED', 'CANCELLING', 'CANCELLED'],
};
const ORDERS = [WAITING, CANCELLED];

function problemsOf(orders: readonly OrderShown[], ofBen: readonly string[] = ['order-2', 'order-1']): string[] {
  const record = { ordersDelivered: 0, ordersCancelledByMerchant: 0, reviewCount: 0, averageStars: null };
  const shown = {
    merchants: [{ merchantId: 'shop', ...record, orders }],
    readers: [{ profileId: 'ben', feed: [], orders: ofBen }],
  };
  return checkShownOrders({ ...recordingOf(EVENTS, shown), books: BOOKS });
}

test('nothing is wrong with orders that are shown as they were last told', () => {
  expect(problemsOf(ORDERS)).toEqual([]);
});

test.each([
  ["an order is missing among the merchant's", problemsOf([CANCELLED]), 'orders of shop lacks order-2'],
  ["an order is missing among the buyer's", problemsOf(ORDERS, ['order-2']), 'orders of ben lacks order-1'],
  ['the older order comes first', problemsOf(ORDERS.toReversed()), 'orders of shop is in another order'],
  ['an order is in another state', problemsOf([{ ...WAITING, state: 'PAID' }, CANCELLED]), 'order-2 shows A-1 PAID'],
  [
    'an order never says why it was cancelled',
    problemsOf([WAITING, { ...CANCELLED, cancellationCode: null }]),
    'order-1 shows',
  ],
  [
    'an order forgot a state that it came into',
    problemsOf([WAITING, { ...CANCELLED, passed: CANCELLED.passed.slice(1) }]),
    'order-1 shows',
  ],
  [
    'a refund is not shown',
    problemsOf([WAITING, { ...CANCELLED, payment: { ...CANCELLED.payment, refundedMinor: 0 } }]),
    'order-1 shows 4900 captured and 0 refunded, the provider booked 4900 and 4900',
  ],
])('it is found that %s', (_, problems, problem) => {
  expect(problems).toContainEqual(expect.stringContaining(problem));
});
