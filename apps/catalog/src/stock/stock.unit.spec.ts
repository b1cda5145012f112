import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { idFrom } from '#contracts';
import {
  availableAt,
  commit,
  expireDue,
  forgetHandled,
  giveBack,
  openStock,
  reserve,
  setOnHand,
  takeCount,
  type Demand,
  type DemandChange,
  type Stock,
} from './stock.js';

const T0 = new Date('2026-11-24T12:00:00.000Z');
const at = (seconds: number): Date => new Date(T0.getTime() + seconds * 1000);
const id = (prefix: 'variant' | 'product' | 'merchant' | 'order', seed = ''): string => idFrom(prefix, T0, seed);
const VARIANT = id('variant');
const OWNER = { productId: id('product'), merchantId: id('merchant') };
const UNTIL = at(1200);

const stockOf = (onHand: number): Stock => openStock(VARIANT, OWNER, { onHand, seq: 1 }).stock;
const demand = (order: string, quantity: number, orderVersion: number): Demand => ({
  orderId: id('order', order),
  quantity,
  orderVersion,
});
type Step = (stock: Stock, now: Date) => DemandChange;
const placed =
  (order: string, quantity = 1, forSale = true): Step =>
  (stock, now) =>
    reserve(VARIANT, stock, { ...demand(order, quantity, 1), until: UNTIL, forSale }, now);
const confirmed =
  (order: string, quantity = 1): Step =>
  (stock, now) =>
    commit(VARIANT, stock, demand(order, quantity, 4), now);
const cancelling =
  (order: string, quantity = 1): Step =>
  (stock, now) =>
    giveBack(VARIANT, stock, demand(order, quantity, 5), now);

function run(start: Stock, now: Date, ...steps: Step[]) {
  const events: string[] = [];
  const stock = steps.reduce((before, step) => {
    const change = step(before, now);
    events.push(...change.events.map(({ contract }) => contract.type));
    return change.stock;
  }, start);
  return { stock, events };
}

describe('a reservation', () => {
  test('is made while pieces are available, and refused after that', () => {
    const { stock, events } = run(stockOf(3), T0, placed('a', 2), placed('b', 2), placed('c', 1));
    expect(events).toEqual(['stock.reserved', 'stock.rejected', 'stock.reserved']);
    expect(stock).toMatchObject({ onHand: 3, reserved: 3, nextExpiryAt: UNTIL });
  });

  test('is refused for what is not for sale, and for what comes after its own end', () => {
    expect(run(stockOf(3), T0, placed('a', 1, false)).events).toEqual(['stock.rejected']);
    expect(run(stockOf(3), UNTIL, placed('a')).events).toEqual(['stock.rejected']);
  });

  test('is sold once and comes back once', () => {
    const steps = [placed('a', 2), placed('a', 2), confirmed('a', 2), confirmed('a', 2), cancelling('a', 2)];
    const { stock, events } = run(stockOf(3), T0, ...steps, cancelling('a', 2), placed('a', 2), confirmed('a', 2));
    expect(events).toEqual(['stock.reserved', 'stock.committed', 'stock.restocked']);
    expect(stock).toMatchObject({ onHand: 3, reserved: 0 });
  });

  test('that has run out does not count, swept or not', () => {
    const { stock } = run(stockOf(1), T0, placed('a'));
    expect(availableAt(stock, at(1199))).toBe(0);
    expect(availableAt(stock, UNTIL)).toBe(1);
    const swept = expireDue(VARIANT, stock, UNTIL);
    expect(swept.events).toMatchObject([{ data: { reason: 'EXPIRED', available: 1, reserved: 0 } }]);
    expect(swept.stock.nextExpiryAt).toBeUndefined();
    expect(expireDue(VARIANT, swept.stock, UNTIL).events).toEqual([]);
  });

  test('that has run out makes way for the next order in the same write', () => {
    const { stock } = run(stockOf(1), T0, placed('a'));
    const late = reserve(VARIANT, stock, { ...demand('b', 1, 1), until: at(9999), forSale: true }, UNTIL);
    expect(late.events.map(({ contract }) => contract.type)).toEqual(['stock.released', 'stock.reserved']);
  });
});

describe('an order that is confirmed after its reservation ran out', () => {
  const expired = expireDue(VARIANT, run(stockOf(1), T0, placed('a')).stock, UNTIL).stock;

  test('gets its pieces when they are still there', () => {
    const { stock, events } = run(expired, UNTIL, confirmed('a'));
    expect(events).toEqual(['stock.committed']);
    expect(stock).toMatchObject({ onHand: 0, reserved: 0 });
  });

  test('is refused when they were sold to another, and answered again when it is undone', () => {
    const sold = { ...expired, onHand: 0 };
    expect(run(sold, UNTIL, confirmed('a'), cancelling('a')).events).toEqual(['stock.rejected', 'stock.released']);
  });
});

describe('a count', () => {
  test('by the merchant is refused below what is reserved', () => {
    const { stock } = run(stockOf(5), T0, placed('a', 3));
    expect(setOnHand(VARIANT, stock, 2, T0)).toBeUndefined();
    expect(setOnHand(VARIANT, stock, 3, T0)?.stock).toMatchObject({ onHand: 3, reserved: 3 });
    expect(setOnHand(VARIANT, stock, 5, T0)?.events).toEqual([]);
  });

  test('that came with the product is taken once, and leaves reserved pieces alone', () => {
    const { stock } = run(stockOf(5), T0, placed('a', 3));
    expect(takeCount(VARIANT, stock, { onHand: 9, seq: 1 }, T0).stock).toBe(stock);
    const taken = takeCount(VARIANT, stock, { onHand: 1, seq: 2 }, T0);
    expect(taken.stock).toMatchObject({ onHand: 3, reserved: 3, countSeq: 2 });
    expect(takeCount(VARIANT, taken.stock, { onHand: 9, seq: 2 }, T0).events).toEqual([]);
  });

  test('that came with the product does not keep pieces whose hold has run out', () => {
    const { stock } = run(stockOf(5), T0, placed('a', 3));
    const taken = takeCount(VARIANT, stock, { onHand: 1, seq: 2 }, UNTIL);
    expect(taken.stock).toMatchObject({ onHand: 1, reserved: 0, countSeq: 2 });
    expect(taken.events.map(({ contract }) => contract.type)).toEqual(['stock.released', 'stock.set']);
  });
});

describe('a forgotten hold', () => {
  const versions = new Map([[id('order', 'a'), 5]]);

  test('leaves what is live, and what its order has not recorded yet', () => {
    const { stock } = run(stockOf(9), T0, placed('a'), cancelling('a'), placed('b'), placed('c'), cancelling('c'));
    const kept = forgetHandled(stock, versions);
    expect(kept.holds.map(({ state }) => state)).toEqual(['RESERVED', 'RELEASED']);
    expect(forgetHandled(kept, new Map([[id('order', 'c'), 5]])).endedSince).toBeUndefined();
  });

  test('is known by the order: what was sold comes back, and only what was sold', () => {
    const sold = giveBack(VARIANT, stockOf(2), { ...demand('a', 1, 5), known: 'COMMITTED' }, T0);
    expect(sold).toMatchObject({ state: 'RESTOCKED', stock: { onHand: 3 } });
    const expired = giveBack(VARIANT, stockOf(2), { ...demand('a', 1, 5), known: 'RESERVED' }, T0);
    expect(expired).toMatchObject({ state: 'RELEASED', stock: { onHand: 2, reserved: 0 } });
  });
});

describe('whatever happens in whatever order', () => {
  const orders = ['a', 'b', 'c', 'd'];
  const action = fc.oneof(
    ...[placed, confirmed, cancelling].map((make) =>
      fc.record({ order: fc.constantFrom(...orders) }).map(({ order }) => make(order, 1 + orders.indexOf(order))),
    ),
    fc
      .nat(8)
      .map((onHand) => (stock: Stock, now: Date) => setOnHand(VARIANT, stock, onHand, now) ?? { stock, events: [] }),
    fc.constant((stock: Stock, now: Date) => expireDue(VARIANT, stock, now)),
  );
  const moment = fc.record({ action, seconds: fc.constantFrom(0, 0, 0, 700) });

  test('0 <= reserved <= onHand, reserved is the sum of its holds, and each unit is sold once', () => {
    fc.assert(
      fc.property(fc.nat(8), fc.array(moment, { maxLength: 40 }), (onHand, moments) => {
        let stock = stockOf(onHand);
        let now = T0;
        for (const { action: act, seconds } of moments) {
          now = new Date(now.getTime() + seconds * 1000);
          const before = stock;
          const { stock: next, events } = act(before, now);
          stock = next;
          const live = stock.holds.filter(({ state }) => state === 'RESERVED');
          expect(stock.reserved).toBe(live.reduce((sum, { quantity }) => sum + quantity, 0));
          expect(stock.reserved).toBeGreaterThanOrEqual(0);
          expect(stock.onHand).toBeGreaterThanOrEqual(stock.reserved);
          if (!events.some(({ contract }) => contract.type === 'stock.set')) {
            expect(stock.onHand + soldIn(stock)).toBe(before.onHand + soldIn(before));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  const soldIn = ({ holds }: Stock): number =>
    holds.reduce((sum, { state, quantity }) => (state === 'COMMITTED' ? sum + quantity : sum), 0);

  const histories: Record<string, readonly Step[]> = {
    cancelled: [placed('a', 2), cancelling('a', 2)],
    sold: [placed('a', 2), confirmed('a', 2)],
    'sold and cancelled': [placed('a', 2), confirmed('a', 2), cancelling('a', 2)],
  };
  test.each(Object.entries(histories))('an order that was %s ends the same, doubled and reordered', (_, history) => {
    const inOrder = run(stockOf(4), T0, ...history).stock;
    const delivery = fc
      .shuffledSubarray([...history, ...history], { minLength: history.length })
      .filter((steps) => history.every((step) => steps.includes(step)));
    fc.assert(
      fc.property(delivery, (steps) => {
        const { stock } = run(stockOf(4), T0, ...steps);
        expect(stock).toMatchObject({ onHand: inOrder.onHand, reserved: inOrder.reserved });
      }),
    );
  });
});
