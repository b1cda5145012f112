import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { madeUpOrders } from './made-up.js';
import { planOrders, type Offer } from './order-plan.js';
import { readOlist, TableFormatError, type OrderSeed } from './order-seeds.js';

const offer = (variantId: string, available: number): Offer => ({ variantId, productId: `p ${variantId}`, available });
const seed = (customer: string, ...items: [product: string, quantity: number][]): OrderSeed => ({
  customer,
  items: items.map(([product, quantity]) => ({ product, quantity })),
  ending: 'DELIVERED',
  stars: 5,
});

describe("Olist's tables", () => {
  const tables = {
    orders: 'order_id,customer_id,order_status\no1,c1,delivered\no2,c2,unavailable\no3,c3,invoiced\no4,c1,canceled\n',
    items: 'order_id,order_item_id,product_id\no1,1,p1\no1,2,p1\no1,3,p2\no3,1,p2\no4,1,p1\n',
    reviews: 'review_pk,order_id,review_score\n1,o1,4\n2,o3,9\n',
    customers: 'customer_pk,customer_id,customer_unique_id\n1,c1,u1\n3,c3,u3\n',
  };

  test('give orders with their items counted, their end and their stars', () => {
    expect(readOlist(tables, 10)).toEqual([
      {
        customer: 'u1',
        items: [
          { product: 'p1', quantity: 2 },
          { product: 'p2', quantity: 1 },
        ],
        ending: 'DELIVERED',
        stars: 4,
      },
      { customer: 'u3', items: [{ product: 'p2', quantity: 1 }], ending: 'CONFIRMED', stars: undefined },
      { customer: 'u1', items: [{ product: 'p1', quantity: 1 }], ending: 'CANCELLED_BY_BUYER', stars: undefined },
    ]);
  });

  test('give as many as are asked for', () => {
    expect(readOlist(tables, 1)).toHaveLength(1);
  });

  test('need their columns', () => {
    expect(() => readOlist({ ...tables, items: 'order_id,product\n' }, 1)).toThrow(TableFormatError);
  });
});

describe('a plan of orders', () => {
  test('keeps to one shop for each order, and to the same person and product for the same name', () => {
    const shops = [[offer('a', 9), offer('b', 9)], [offer('c', 9)]];
    const [first, second, third] = planOrders(
      [seed('x', ['p0', 1]), seed('y', ['p1', 1], ['p0', 2]), seed('x', ['p2', 1], ['p0', 1])],
      shops,
      2,
    );
    expect(first).toMatchObject({ buyer: 0, shop: 0, lines: [{ variantId: 'a', quantity: 1 }] });
    expect(second).toMatchObject({ buyer: 1, shop: 0, lines: [{ variantId: 'b' }, { variantId: 'a', quantity: 2 }] });
    expect(third).toMatchObject({ buyer: 0, shop: 1, lines: [{ variantId: 'c', quantity: 2 }] });
  });

  test('takes the next offer where one has too few pieces, and leaves out what nobody has', () => {
    const plan = planOrders(
      [seed('x', ['p0', 1]), seed('x', ['p0', 1]), seed('x', ['p0', 1])],
      [[offer('a', 1), offer('b', 1)]],
      1,
    );
    expect(plan.map(({ lines }) => lines[0]?.variantId)).toEqual(['a', 'b']);
  });

  test('never sells more than there is, and never a variant twice in one order', () => {
    const shelf = fc.array(fc.nat(4), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(shelf, { minLength: 1, maxLength: 3 }), fc.nat(60), (stocks, count) => {
        const shops = stocks.map((stock, shop) => stock.map((pieces, index) => offer(`${shop}-${index}`, pieces)));
        const left = new Map(shops.flat().map(({ variantId, available }) => [variantId, available]));
        for (const { shop, lines, buyer } of planOrders(madeUpOrders(count), shops, 3)) {
          expect(buyer).toBeLessThan(3);
          expect(new Set(lines.map(({ variantId }) => variantId)).size).toBe(lines.length);
          for (const { variantId, quantity } of lines) {
            expect(variantId.startsWith(`${shop}-`)).toBe(true);
            left.set(variantId, (left.get(variantId) ?? 0) - quantity);
          }
        }
        expect(Math.min(...left.values())).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
