import { expect, test } from '@jest/globals';
import { checkMerchants } from './merchants.js';
import type { MerchantShown } from './shown.js';
import { recordingOf, type Told } from './told.js';

const ended = (orderId: string, state: string, cancellationCode?: string): Told => [
  'order.order.v1',
  `order.${state}`,
  orderId,
  { orderId, merchantId: 'shop', cancellationCode },
];
const review = (reviewId: string, stars: number): Told => [
  'reputation.review.v1',
  'review.published',
  reviewId,
  { reviewId, merchantId: 'shop', productId: 'lamp', authorId: 'ben', stars, text: '' },
];
const EVENTS: readonly Told[] = [
  ended('order-1', 'shipped'),
  ended('order-1', 'delivered'),
  ended('order-2', 'cancelling', 'MERCHANT'),
  ended('order-2', 'cancelled', 'MERCHANT'),
  ended('order-3', 'cancelled', 'BUYER'),
  review('review-1', 5),
  review('review-2', 2),
];
const SHOP: MerchantShown = {
  merchantId: 'shop',
  ordersDelivered: 1,
  ordersCancelledByMerchant: 1,
  reviewCount: 2,
  averageStars: 3.5,
  orders: [],
};
const problemsOf = (shown: MerchantShown, events = EVENTS): string[] =>
  checkMerchants(recordingOf(events, { merchants: [shown] }));

test('nothing is wrong with a record that its orders and reviews add up to, however few there are', () => {
  expect(problemsOf(SHOP)).toEqual([]);
  const nothing = { ordersDelivered: 0, ordersCancelledByMerchant: 0, reviewCount: 0, averageStars: null };
  expect(problemsOf({ ...SHOP, ...nothing }, [])).toEqual([]);
});

test.each([
  ['a delivery was counted twice', { ordersDelivered: 2 }, 'shop shows 2 orders delivered, its events give 1'],
  ["a buyer's cancellation was taken for the merchant's", { ordersCancelledByMerchant: 2 }, 'shows 2 orders that it'],
  ['a review was lost', { reviewCount: 1 }, 'shop shows 1 reviews, its events give 2'],
  ['the stars are wrong', { averageStars: 5 }, 'shop shows 5 stars on average, its events give 3.5'],
  ['the stars are missing', { averageStars: null }, 'shop shows null stars on average'],
])('it is found that %s', (_, change, problem) => {
  expect(problemsOf({ ...SHOP, ...change })).toContainEqual(expect.stringContaining(problem));
});
