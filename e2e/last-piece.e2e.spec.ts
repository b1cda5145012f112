import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, startTestServers, type TestServers } from '#testing';
import { booksOf } from './support/books.js';
import { signUp, type Person } from './support/people.js';
import { availableOf, buy, fillCart, list, openShop, orderOf, placeOrder, type Shop } from './support/shop.js';
import { OneProcess } from './support/system.js';

const LONG = { timeoutMs: 45_000, intervalMs: 100 };

let servers: TestServers;
let system: OneProcess;
let buyers: Person[];
let shop: Shop;

beforeAll(async () => {
  servers = await startTestServers({ embedded: true });
  system = await OneProcess.start(servers);
  shop = await openShop(await signUp(system.api, 'Ana'));
  buyers = await Promise.all(['Ben', 'Cleo'].map((name) => signUp(system.api, name)));
}, 150_000);

afterAll(async () => {
  await system?.stop();
  await servers?.stop();
}, 60_000);

test('of two buyers of the last piece one gets it, and only that one is charged', async () => {
  const { variantId } = await list(shop, 'Last lamp', 1);
  const carts = await eventually(
    () =>
      Promise.all(buyers.map((buyer) => fillCart(buyer, variantId).then((id) => id ?? Promise.reject(new Error())))),
    LONG,
  );

  const placed = await Promise.all(
    buyers.map((buyer, index) =>
      placeOrder(buyer, { cartId: carts[index] ?? '', waitFor: 'CONFIRMED', waitMs: 30_000 }),
    ),
  );

  const won = placed.filter(({ state }) => state === 'CONFIRMED');
  const lost = placed.filter(({ state }) => state !== 'CONFIRMED');
  expect(won).toHaveLength(1);
  expect(lost.map(({ code, cancellation }) => code ?? cancellation?.code)).toEqual(['OUT_OF_STOCK']);
  const books = await booksOf(system.sandboxUrl);
  expect(books.get(won[0]?.id ?? '')).toMatchObject({ captures: 1, refunds: 0 });
  for (const { id } of lost) expect(books.get(id)?.captures ?? 0).toBe(0);
  expect(await availableOf(shop.owner, variantId)).toBe(0);
});

test('with the broker paused an order stays PENDING, and it goes on when the broker is back', async () => {
  const { variantId } = await list(shop, 'Patient lamp', 1);
  const [ben] = buyers as [Person, Person];
  const cartId = await eventually(async () => (await fillCart(ben, variantId)) ?? Promise.reject(new Error()), LONG);

  await servers.broker?.pause();
  const placed = await placeOrder(ben, { cartId, waitFor: 'RESERVED', waitMs: 3_000 });
  expect(placed).toMatchObject({ __typename: 'Order', state: 'PENDING' });
  await servers.broker?.resume();

  await eventually(async () => expect(await orderOf(ben, placed.id)).toMatchObject({ state: 'CONFIRMED' }), LONG);
});

test('a broker that goes away and comes back loses nothing', async () => {
  const { variantId } = await list(shop, 'Lost lamp', 2);
  const [ben, cleo] = buyers as [Person, Person];
  const cartId = await eventually(async () => (await fillCart(ben, variantId)) ?? Promise.reject(new Error()), LONG);

  await servers.broker?.stop();
  const placed = await placeOrder(ben, { cartId });
  expect(placed).toMatchObject({ __typename: 'Order', state: 'PENDING' });
  await servers.broker?.start();

  await eventually(async () => expect(await orderOf(ben, placed.id)).toMatchObject({ state: 'CONFIRMED' }), LONG);
  expect(await buy(cleo, variantId)).toMatchObject({ state: 'CONFIRMED' });
});

test('Ctrl-C drains and ends within 10 seconds, and all that was acknowledged is there again', async () => {
  const { variantId } = await list(shop, 'Lasting lamp', 1);
  const [ben] = buyers as [Person, Person];
  const order = await eventually(() => buy(ben, variantId), LONG);

  const { status, tookMs } = await system.interrupt();
  expect(status).toBe(0);
  expect(tookMs).toBeLessThan(10_000);

  await system.restart();
  expect(await orderOf(ben, order.id)).toMatchObject({ state: order.state });
}, 120_000);
