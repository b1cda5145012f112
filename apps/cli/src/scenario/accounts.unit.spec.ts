import { describe, expect, test } from '@jest/globals';
import type { OrderRead } from '../mutations.js';
import { ratingsOf, recordOf } from './accounts.js';
import type { PlannedOrder } from './order-plan.js';
import type { PlayedOrder } from './orders.js';

const order: OrderRead = {
  id: 'order',
  number: '1',
  state: 'DELIVERED',
  lines: [],
  payment: { state: 'CAPTURED', captured: { amountMinor: 1 }, refunded: { amountMinor: 0 } },
  cancellation: null,
  history: [],
};
const played = (ending: PlannedOrder['ending'], stars: number | undefined, ...products: string[]): PlayedOrder => {
  const lines = products.map((productId) => ({ variantId: `v ${productId}`, productId, quantity: 2 }));
  return { planned: { buyer: 0, shop: 0, lines, ending, stars }, order };
};

describe('what the accounts must show', () => {
  const all = [
    played('DELIVERED', 5, 'lamp', 'vase'),
    played('DELIVERED', 2, 'lamp'),
    played('DELIVERED', undefined, 'lamp'),
    played('SHIPPED', 1, 'lamp'),
    played('CANCELLED_BY_MERCHANT', 1, 'vase'),
    played('CANCELLED_BY_BUYER', undefined, 'vase'),
  ];

  test('is the mean of the stars of each delivered line', () => {
    expect(ratingsOf(all)).toEqual(
      new Map([
        ['lamp', { average: 3.5, count: 2, distribution: [0, 1, 0, 0, 1] }],
        ['vase', { average: 5, count: 1, distribution: [0, 0, 0, 0, 1] }],
      ]),
    );
  });

  test("is each merchant's record", () => {
    expect(recordOf(all)).toEqual({
      ordersDelivered: 3,
      ordersCancelledByMerchant: 1,
      reviewCount: 3,
      averageStars: 4,
    });
    expect(recordOf([])).toEqual({
      ordersDelivered: 0,
      ordersCancelledByMerchant: 0,
      reviewCount: 0,
      averageStars: null,
    });
  });
});
