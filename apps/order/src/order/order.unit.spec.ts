import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anOrder, CheckoutWorld, eur, START, SURROUNDINGS } from '../../test/checkout-world.js';
import { CHECKOUT_POLICY } from './order.policy.js';
import { decide, type Order, type OrderInput } from './order.js';

const later = (ms: number) => new Date(START.getTime() + ms);
const run = (order: Order, at: Date, ...inputs: OrderInput[]) =>
  inputs.reduce(
    (last, input) => {
      const next = decide(last.order, input, at, SURROUNDINGS);
      return { ...next, entered: [...last.entered, ...next.entered] };
    },
    { order, entered: [] as readonly string[], refused: false } as Pick<
      ReturnType<typeof decide>,
      'order' | 'entered' | 'refused' | 'call'
    >,
  );

const reserved = (line: number): OrderInput => ({
  kind: 'stock',
  variantId: `variant-${line}`,
  answer: 'RESERVED',
  version: 1,
});
const gone = (line: number, answer: 'RELEASED' | 'REJECTED' | 'RESTOCKED'): OrderInput => ({
  kind: 'stock',
  variantId: `variant-${line}`,
  answer,
  version: 9,
});
const says = (state: 'AUTHORIZED' | 'CAPTURED' | 'DECLINED' | 'VOIDED' | 'REFUNDED', amount = 2000): OrderInput => ({
  kind: 'provider',
  truth: {
    state,
    amount: eur(amount),
    captured: eur(state === 'CAPTURED' || state === 'REFUNDED' ? amount : 0),
    refunded: eur(state === 'REFUNDED' ? amount : 0),
  },
});
const bought = [reserved(0), reserved(1), says('AUTHORIZED'), says('CAPTURED')];

describe('the checkout', () => {
  test('goes from PENDING to CONFIRMED by reservations, authorisation and capture', () => {
    const { order, entered } = run(anOrder(), later(1000), ...bought);
    expect(entered).toEqual(['RESERVED', 'PAID', 'CONFIRMED']);
    expect(order.payment).toMatchObject({ state: 'CAPTURED', captured: eur(2000), refunded: eur(0) });
    expect(order.nextActionAt).toBeUndefined();
  });

  test('writes each call down together with the state that needs it', () => {
    const half = run(anOrder(), later(1000), reserved(0));
    expect(half.call).toBeUndefined();
    const whole = run(half.order, later(1000), reserved(1));
    expect(whole.call).toBe('authorize');
    expect(whole.order.nextCallAt).toEqual(later(1000 + CHECKOUT_POLICY.graceMs));
    expect(run(whole.order, later(2000), says('AUTHORIZED')).call).toBe('capture');
  });

  test('makes a call that nobody answered again, each time after a longer while', () => {
    const asked = run(anOrder(), later(0), reserved(0), reserved(1));
    const first = run(asked.order, later(2000), { kind: 'unanswered', step: 'authorize' });
    expect(first.order.payment.state).toBe('UNCERTAIN');
    expect(first.order.nextCallAt).toEqual(later(2500));
    const again = run(first.order, later(2500), { kind: 'clock' });
    expect(again.call).toBe('authorize');
    const second = run(again.order, later(4500), { kind: 'unanswered', step: 'authorize' });
    expect(second.order.nextCallAt).toEqual(later(5500));
  });

  test('spreads those calls, so that orders put off together do not come back together', () => {
    const asked = run(anOrder(), later(0), reserved(0), reserved(1));
    const unanswered: OrderInput = { kind: 'unanswered', step: 'authorize' };
    const soonest = decide(asked.order, unanswered, later(2000), { ...SURROUNDINGS, spread: 0 });
    expect(soonest.order.nextCallAt).toEqual(later(2250));
  });

  test('leaves a call due for which there is no place, and in no doubt, as it was not made', () => {
    const half = run(anOrder(), later(0), reserved(0)).order;
    const full = { ...SURROUNDINGS, takePlace: () => false };
    const waiting = decide(half, reserved(1), later(0), full);
    expect(waiting.call).toBeUndefined();
    expect(waiting.order).toMatchObject({ state: 'RESERVED', payment: { state: 'NONE' }, nextCallAt: later(0) });
    expect(decide(waiting.order, { kind: 'clock' }, later(60_000), full).order).toEqual(waiting.order);
    expect(run(waiting.order, later(60_000), { kind: 'clock' }).call).toBe('authorize');
    const over = decide(waiting.order, { kind: 'clock' }, later(CHECKOUT_POLICY.payMs), full);
    expect(over.order).toMatchObject({ state: 'CANCELLING', cancellation: { code: 'PAYMENT_TIMEOUT' } });
  });

  test.each([
    ['a rejected line', later(1), [gone(1, 'REJECTED')], 'OUT_OF_STOCK'],
    ['no answer of the catalog in time', later(30_000), [{ kind: 'clock' }], 'OUT_OF_STOCK'],
    ['a declined payment', later(1), [reserved(0), reserved(1), says('DECLINED')], 'PAYMENT_DECLINED'],
    ['a void at the provider', later(1), [reserved(0), reserved(1), says('VOIDED')], 'PAYMENT_TIMEOUT'],
    ['the buyer', later(1), [{ kind: 'cancel', by: 'BUYER' }], 'BUYER'],
    ['the merchant', later(1), [...bought, { kind: 'cancel', by: 'MERCHANT' }], 'MERCHANT'],
    ['pieces lost after the sale', later(1), [...bought, gone(0, 'RELEASED')], 'OUT_OF_STOCK'],
  ] as [string, Date, OrderInput[], string][])('is cancelled by %s', (_, at, inputs, code) => {
    const { order } = run(anOrder(), at, ...inputs);
    expect(order).toMatchObject({ state: 'CANCELLING', cancellation: { code, at } });
  });

  test('an approval after the time to pay is voided, not taken', () => {
    const { order } = run(anOrder(), later(0), reserved(0), reserved(1));
    const late = run(order, later(CHECKOUT_POLICY.payMs), says('AUTHORIZED'));
    expect(late.order).toMatchObject({ state: 'CANCELLING', cancellation: { code: 'PAYMENT_TIMEOUT' } });
    expect(late.call).toBe('void');
  });

  test('money that was captured while the order was being cancelled is refunded', () => {
    const { order } = run(anOrder(), later(1), ...bought.slice(0, 3), { kind: 'cancel', by: 'BUYER' });
    const told = run(order, later(2), { ...says('CAPTURED'), answers: 'void' } as OrderInput);
    expect(told.call).toBe('refund');
    const refunded = run(told.order, later(3), says('REFUNDED'), gone(0, 'RELEASED'), gone(1, 'RELEASED'));
    expect(refunded.order).toMatchObject({ state: 'CANCELLED', payment: { captured: eur(2000), refunded: eur(2000) } });
  });

  test('money captured too late for its reservation is refunded, and nothing is sold', () => {
    const { order } = run(anOrder(), later(1), ...bought.slice(0, 3));
    const late = new Date(order.reserveUntil.getTime() - CHECKOUT_POLICY.captureMarginMs);
    const told = run(order, late, says('CAPTURED'));
    expect(told.order).toMatchObject({ state: 'CANCELLING', cancellation: { code: 'PAYMENT_TIMEOUT' } });
    expect(told.call).toBe('refund');
  });

  test('is CANCELLED only when pieces and money are both given back', () => {
    const { order } = run(anOrder(), later(1), ...bought, { kind: 'cancel', by: 'BUYER' });
    const stockBack = run(order, later(2), gone(0, 'RESTOCKED'), gone(1, 'RESTOCKED'));
    expect(stockBack.order.state).toBe('CANCELLING');
    expect(run(stockBack.order, later(3), says('REFUNDED')).order.state).toBe('CANCELLED');
  });

  test('an answer about another sum is not about this order', () => {
    const { order } = run(anOrder(), later(1), reserved(0), reserved(1), says('AUTHORIZED', 1999));
    expect(order.state).toBe('RESERVED');
  });

  test.each([
    ['cancel', { kind: 'cancel', by: 'BUYER' }, [...bought, { kind: 'ship' }]],
    ['ship', { kind: 'ship' }, []],
    ['deliver', { kind: 'deliver' }, bought],
    ['cancel twice', { kind: 'cancel', by: 'BUYER' }, [{ kind: 'cancel', by: 'BUYER' }]],
  ] as [string, OrderInput, OrderInput[]][])('refuses to %s in the wrong state', (_, input, before) => {
    const { order } = run(anOrder(), later(1), ...before);
    expect(decide(order, input, later(2), SURROUNDINGS)).toMatchObject({ refused: true, order, entered: [] });
  });

  test('ships with a tracking code, and delivers', () => {
    const ship = { kind: 'ship', trackingCode: 'JD014600003SE' } as const;
    const { order, entered } = run(anOrder(), later(1), ...bought, ship, { kind: 'deliver' });
    expect(entered.slice(-2)).toEqual(['SHIPPED', 'DELIVERED']);
    expect(order.trackingCode).toBe('JD014600003SE');
  });

  test('what is repeated changes nothing', () => {
    const { order } = run(anOrder(), later(1), ...bought);
    for (const input of bought) {
      const again = decide(order, input, later(2), SURROUNDINGS);
      expect(again.order).toBe(order);
      expect(again.entered).toEqual([]);
    }
  });
});

const act = fc.oneof(
  { weight: 3, arbitrary: fc.constant((world: CheckoutWorld) => world.catalogReads()) },
  {
    weight: 6,
    arbitrary: fc.nat(2).map((line) => (world: CheckoutWorld) => world.stockArrives(line)),
  },
  fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 3 })).map(
    ([line, back]) =>
      (world: CheckoutWorld) =>
        world.stockArrives(line, back),
  ),
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.nat(3), fc.constantFrom('answered', 'answered', 'request-lost', 'answer-lost', 'crashed', 'late'))
      .map(
        ([index, fate]) =>
          (world: CheckoutWorld) =>
            world.callGoes(index, fate),
      ),
  },
  { weight: 2, arbitrary: fc.nat(9).map((index) => (world: CheckoutWorld) => world.callback(index)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(1, 400, 3000, 31_000, 800_000, 1_300_000).map((ms) => (world: CheckoutWorld) => {
      world.pass(ms);
    }),
  },
  { weight: 4, arbitrary: fc.constant((world: CheckoutWorld) => world.sweep()) },
  fc.constant((world: CheckoutWorld) => world.catalogExpires()),
  fc.boolean().map((hasRoom) => (world: CheckoutWorld) => {
    world.hasRoom = hasRoom;
  }),
  fc.constantFrom('BUYER', 'MERCHANT').map((by) => (world: CheckoutWorld) => world.give({ kind: 'cancel', by })),
  fc.constant((world: CheckoutWorld) => world.allSold && world.give({ kind: 'ship' })),
  fc.constant((world: CheckoutWorld) => world.give({ kind: 'deliver' })),
);

const LEGAL: Record<string, string[]> = {
  PENDING: ['RESERVED', 'CANCELLING'],
  RESERVED: ['PAID', 'CANCELLING'],
  PAID: ['CONFIRMED', 'CANCELLING'],
  CONFIRMED: ['SHIPPED', 'CANCELLING'],
  SHIPPED: ['DELIVERED'],
  CANCELLING: ['CANCELLED'],
  DELIVERED: [],
  CANCELLED: [],
};

describe('whatever happens in whatever order, as often as it likes', () => {
  const worlds = fc.record({
    available: fc.array(
      fc.integer({ min: 0, max: 6 }).map((dice) => dice > 0),
      { minLength: 1, maxLength: 3 },
    ),
    decision: fc.constantFrom('AUTHORIZED', 'AUTHORIZED', 'DECLINED'),
    decisionAfterMs: fc.constantFrom(0, 0, 3000, 1_000_000),
  });

  test('the order ends, and money and pieces are where they belong', () => {
    fc.assert(
      fc.property(worlds, fc.array(act, { maxLength: 60 }), (setup, acts) => {
        const world = new CheckoutWorld(setup);
        for (const step of acts) step(world);
        world.heal();
        const { order, provider, holds } = world;
        const isSold = ['CONFIRMED', 'SHIPPED', 'DELIVERED'].includes(order.state);
        expect(isSold || order.state === 'CANCELLED').toBe(true);
        expect(provider.captures - provider.refunds).toBe(isSold ? 1 : 0);
        expect(provider.captures).toBeLessThanOrEqual(1);
        expect([undefined, 'DECLINED', 'VOIDED', 'REFUNDED', 'CAPTURED']).toContain(provider.state);
        expect(order.payment.captured.amountMinor).toBe(provider.captures * order.total.amountMinor);
        expect(order.payment.refunded.amountMinor).toBe(provider.refunds * order.total.amountMinor);
        for (const hold of holds) expect(isSold ? ['sold'] : ['none', 'back']).toContain(hold);
        order.history.slice(1).forEach(({ state }, index) => {
          expect(LEGAL[order.history[index]?.state ?? '']).toContain(state);
        });
        expect([order.nextActionAt, order.nextCallAt]).toEqual([undefined, undefined]);
      }),
      { numRuns: 3000 },
    );
  });
});
