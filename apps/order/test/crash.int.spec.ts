import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CartsOfCaller, OrdersOfCaller, typeIds, type OrderView } from '#contracts';
import { eventually, type SignedIn } from '#testing';
import { OrderWorld, type Shop } from './order.world.js';
import type { Alone } from './order.runner.js';

const WITHIN = { timeoutMs: 45_000 };
/** The broker takes a killed member for alive for some seconds, each time. */
const TEST_MS = 150_000;

let world: OrderWorld<Alone>;
let shop: Shop;
let ben: SignedIn;
beforeAll(async () => {
  // Calls are under way for longer than it takes to bring every order into its place, and no callback arrives.
  world = await OrderWorld.startAlone({
    PAYMENT_DEADLINE_MS: '6000',
    ORDER_GRACE_MS: '8000',
    PAYMENT_CALLBACK_URL: 'http://127.0.0.1:9/nobody',
  });
  shop = await world.shop(50);
  ben = await world.identity.signIn();
});
afterAll(async () => {
  await world?.stop();
});

const FINAL = ['CONFIRMED', 'CANCELLED'];
const ended = (person: SignedIn, id: string): Promise<OrderView> =>
  eventually(async () => {
    const order = await world.order(person, id);
    expect(FINAL).toContain(order.state);
    return order;
  }, WITHIN);

/** An order whose next call of that path is stopped. */
async function stoppedAt(path: string, where: 'request' | 'answer', cancelIn?: 'PAID' | 'CONFIRMED'): Promise<string> {
  if (cancelIn === 'PAID') world.gate.shut.add('/captures');
  const held = cancelIn ? undefined : world.gate.holdNext(path, where);
  const { id } = await world.buy(ben, shop);
  if (cancelIn) {
    await world.until(ben, id, cancelIn);
    const undoing = world.gate.holdNext(path, where);
    await world.cancel(ben, id);
    await undoing;
    world.gate.shut.clear();
  }
  await held;
  return id;
}

test(
  'killed in every state and in every call, each order ends as it must, and the books agree',
  async () => {
    const silent = world.variant(shop.merchantId, 5);
    world.catalog.fallSilent(silent.id);
    const pending = await world.buy(ben, { variant: silent });
    const confirmed = [
      pending.id,
      await stoppedAt('/authorizations', 'request'),
      await stoppedAt('/authorizations', 'answer'),
      await stoppedAt('/captures', 'request'),
      await stoppedAt('/captures', 'answer'),
    ];
    const cancelled = [
      await stoppedAt('/voids', 'request', 'PAID'),
      await stoppedAt('/voids', 'answer', 'PAID'),
      await stoppedAt('/refunds', 'request', 'CONFIRMED'),
      await stoppedAt('/refunds', 'answer', 'CONFIRMED'),
    ];
    await world.service.kill();
    await world.catalog.speak();
    await world.service.start();

    for (const id of confirmed) {
      expect((await ended(ben, id)).state).toBe('CONFIRMED');
      expect(await world.books(id)).toMatchObject({ captures: 1, refunds: 0 });
    }
    for (const id of cancelled) {
      expect((await ended(ben, id)).state).toBe('CANCELLED');
      const { captures, refunds } = (await world.books(id)) ?? { captures: -1, refunds: 0 };
      expect(refunds).toBe(captures);
    }
    await eventually(() => {
      expect(world.catalog.availableOf(silent.id)).toBe(4);
      expect(world.catalog.availableOf(shop.variant.id)).toBe(46);
      expect(world.catalog.onHandOf(shop.variant.id)).toBe(46);
    }, WITHIN);
  },
  TEST_MS,
);

test(
  'killed while carts are being placed, each cart becomes one order under its key',
  async () => {
    const buyers = await Promise.all(Array.from({ length: 6 }, () => world.identity.signIn()));
    const carts = await Promise.all(buyers.map((buyer) => world.fill(buyer, shop.variant.id)));
    const keys = buyers.map(() => typeIds.next('request'));
    const place = (buyer: SignedIn, n: number) =>
      world.place(buyer, carts[n]?.id ?? '', { clientMutationKey: keys[n] ?? '' });
    const first = buyers.map((buyer, n) => place(buyer, n).catch((error: unknown) => error));
    await Promise.race(first);
    await world.service.kill();
    await Promise.all(first);
    await world.service.start();

    for (const [n, buyer] of buyers.entries()) {
      const answer = await eventually(() => place(buyer, n), WITHIN);
      if (answer.__typename !== 'Order') throw new Error(JSON.stringify(answer));
      expect(await ended(buyer, answer.id)).toMatchObject({ state: 'CONFIRMED' });
      expect((await world.as(buyer, OrdersOfCaller, { first: 5 })).items).toHaveLength(1);
      expect(await world.as(buyer, CartsOfCaller, {})).toEqual([]);
      expect(await world.books(answer.id)).toMatchObject({ captures: 1, refunds: 0 });
    }
  },
  TEST_MS,
);

test(
  'stopped with a call under way, it waits for the answer and stores it',
  async () => {
    const { id } = await world.buy(ben, shop, { paymentToken: 'tok_approve' });
    await world.service.stop();
    await world.service.start();
    expect((await ended(ben, id)).state).toBe('CONFIRMED');
    expect(await world.books(id)).toMatchObject({ captures: 1, refunds: 0 });
  },
  TEST_MS,
);
