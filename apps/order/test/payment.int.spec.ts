import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderReserved, PlaceOrder, type OrderView } from '#contracts';
import { eventually, type SignedIn } from '#testing';
import { CallbackRoute } from '../src/payment/callback-route.js';
import { ADDRESS, OrderWorld, statesOf, type Shop } from './order.world.js';

let world: OrderWorld;
let shop: Shop;
let ben: SignedIn;
beforeAll(async () => {
  world = await OrderWorld.start();
  shop = await world.shop(100);
  ben = await world.identity.signIn();
});
afterAll(async () => {
  await world?.stop();
});

const buy = (paymentToken: string): Promise<OrderView> =>
  world.buy(ben, shop, { paymentToken, waitFor: 'CONFIRMED', waitMs: 30_000 });
const BOUGHT = ['PENDING', 'RESERVED', 'PAID', 'CONFIRMED'];

describe('an order', () => {
  test.each(['tok_approve', 'tok_timeout_then_approve', 'tok_duplicate_callback'])(
    'that is paid by %s is confirmed, and charged once',
    async (token) => {
      const onHand = world.catalog.onHandOf(shop.variant.id);
      const order = await buy(token);
      expect(statesOf(order)).toEqual(BOUGHT);
      expect(order).toMatchObject({
        state: 'CONFIRMED',
        total: { amountMinor: 4900, currency: 'EUR' },
        payment: { state: 'CAPTURED', captured: { amountMinor: 4900 }, refunded: { amountMinor: 0 } },
      });
      expect(await world.books(order.id)).toMatchObject({ state: 'CAPTURED', captures: 1, refunds: 0 });
      await eventually(() => expect(world.catalog.onHandOf(shop.variant.id)).toBe(onHand - 1), { timeoutMs: 30_000 });
    },
  );

  test.each(['tok_decline', 'tok_timeout_then_decline', 'tok_of_nobody'])(
    'that %s does not pay is cancelled, its pieces are back and nothing was charged',
    async (token) => {
      const available = world.catalog.availableOf(shop.variant.id);
      const { id } = await buy(token);
      const order = await world.until(ben, id, 'CANCELLED');
      expect(statesOf(order)).toEqual(['PENDING', 'RESERVED', 'CANCELLING', 'CANCELLED']);
      expect(order).toMatchObject({ cancellation: { code: 'PAYMENT_DECLINED' }, payment: { state: 'DECLINED' } });
      expect(world.catalog.availableOf(shop.variant.id)).toBe(available);
      expect(await world.books(id)).toMatchObject({ captures: 0 });
    },
  );

  test('whose payment nobody answers for is uncertain until the provider is asked', async () => {
    const { id } = await world.buy(ben, shop, { paymentToken: 'tok_timeout_then_approve' });
    await eventually(
      async () =>
        expect(await world.order(ben, id)).toMatchObject({ state: 'RESERVED', payment: { state: 'UNCERTAIN' } }),
      { timeoutMs: 30_000 },
    );
    expect((await world.until(ben, id, 'CONFIRMED')).payment.state).toBe('CAPTURED');
  });

  test('is told by events that carry it whole, without address and token', async () => {
    const captured = await world.capture(OrderPlaced, OrderReserved, OrderConfirmed, OrderCancelled);
    const order = await buy('tok_approve');
    const events = await eventually(
      () => {
        const found = captured.all.filter(({ subject }) => subject === order.id);
        expect(found.map(({ type }) => type)).toEqual(['order.placed', 'order.reserved', 'order.confirmed']);
        return found;
      },
      { timeoutMs: 30_000 },
    );
    expect(events.map(({ version }) => version)).toEqual([1, 2, 4]);
    expect(events[0]?.data).toMatchObject({ orderId: order.id, number: order.number, state: 'PENDING' });
    expect(JSON.stringify(events)).not.toMatch(/tok_|Street 1/);
  });
});

describe('a callback', () => {
  const charge = (orderId: string) => ({
    key: `${orderId}:authorize`,
    orderId,
    state: 'AUTHORIZED',
    amount: { amountMinor: 4900, currency: 'EUR' },
    captured: { amountMinor: 0, currency: 'EUR' },
    refunded: { amountMinor: 0, currency: 'EUR' },
  });
  async function call(secret: string, content: object, at = new Date()): Promise<number> {
    const body = JSON.stringify(content);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': 'callback',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('callback', at, body),
    };
    const { status } = await fetch(world.service.get(CallbackRoute).url ?? '', { method: 'POST', headers, body });
    return status;
  }
  const PROVIDERS = 'whsec_Z3JhcGV2aW5lLXBheW1lbnQtc2FuZGJveC1zZWNyZXQ=';
  const ANOTHERS = 'whsec_YW5vdGhlci1zZWNyZXQtb2Ytc29tZWJvZHktZWxzZQ==';

  test('that is forged, old or not about the order changes nothing', async () => {
    const held = world.gate.holdNext('/authorizations', 'request');
    const { id } = await world.buy(ben, shop, { paymentToken: 'tok_decline' });
    await held;
    const content = { type: 'charge.changed', charge: charge(id) };
    expect(await call(ANOTHERS, content)).toBe(401);
    expect(await call(PROVIDERS, content, new Date(Date.now() - 3_600_000))).toBe(401);
    expect(await call(PROVIDERS, { ...content, charge: { ...charge(id), key: 'another' } })).toBe(400);
    expect(await call(PROVIDERS, { type: 'charge.changed' })).toBe(400);
    const otherSum = { ...charge(id), amount: { amountMinor: 1, currency: 'EUR' } };
    expect(await call(PROVIDERS, { ...content, charge: otherSum })).toBe(204);
    const order = await world.until(ben, id, 'CANCELLED');
    expect(order).toMatchObject({ cancellation: { code: 'PAYMENT_DECLINED' } });
    expect(statesOf(order)).not.toContain('PAID');
  });
});

describe('a provider', () => {
  test('that is away keeps an order waiting, and is asked again when it is back', async () => {
    await world.killProvider();
    const { id } = await world.buy(ben, shop);
    await eventually(
      async () =>
        expect(await world.order(ben, id)).toMatchObject({ state: 'RESERVED', payment: { state: 'UNCERTAIN' } }),
      { timeoutMs: 30_000 },
    );
    await world.startProvider();
    await world.until(ben, id, 'CONFIRMED');
    expect(await world.books(id)).toMatchObject({ captures: 1, refunds: 0 });
  });

  test.each([
    ['/authorizations', 'request'],
    ['/authorizations', 'answer'],
    ['/captures', 'request'],
    ['/captures', 'answer'],
  ] as const)('is charged once when the %s %s is lost', async (path, where) => {
    const lost = world.gate.holdNext(path, where);
    const { id } = await world.buy(ben, shop);
    await lost;
    await world.until(ben, id, 'CONFIRMED');
    expect(await world.books(id)).toMatchObject({ captures: 1, refunds: 0 });
  });
});

test('PlaceOrder answers at once, or when the state is reached, or when the time is up', async () => {
  world.catalog.fallSilent();
  expect((await world.buy(ben, shop)).state).toBe('PENDING');
  expect((await world.buy(ben, shop, { waitFor: 'CONFIRMED', waitMs: 300 })).state).toBe('PENDING');
  const cart = await world.fill(ben, shop.variant.id);
  const waiting = world.place(ben, cart.id, { waitFor: 'RESERVED', waitMs: 30_000 });
  await world.catalog.speak();
  const answer = await waiting;
  if (answer.__typename !== 'Order') throw new Error(answer.__typename);
  expect(statesOf(answer)).toContain('RESERVED');
  expect(PlaceOrder.output.parse(answer)).toMatchObject({ number: expect.stringMatching(/^[0-9A-Z]{3}-[0-9A-Z]{3}$/) });
});

test('two instances side by side take each order through once, whichever hears of it', async () => {
  const second = await world.another();
  await second.start();
  const tokens = ['tok_approve', 'tok_duplicate_callback', 'tok_timeout_then_approve'];
  const placed = await Promise.all(
    Array.from({ length: 6 }, async (_, n) => {
      const buyer = await world.identity.signIn();
      const cart = await world.fill(buyer, shop.variant.id);
      const client = n % 2 === 0 ? second.client : world.service.client;
      const input = {
        clientMutationKey: 'key',
        cartId: cart.id,
        shippingAddress: ADDRESS,
        paymentToken: tokens[n % tokens.length] ?? '',
        waitFor: 'CONFIRMED' as const,
        waitMs: 30_000,
      };
      return client.call(PlaceOrder, input, { token: buyer.token, deadlineMs: 45_000 });
    }),
  );
  await second.close();
  for (const order of placed) {
    if (order.__typename !== 'Order') throw new Error(JSON.stringify(order));
    expect(statesOf(order)).toEqual(BOUGHT);
    expect(await world.books(order.id)).toMatchObject({ captures: 1, refunds: 0 });
  }
});
