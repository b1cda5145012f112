import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, type SignedIn } from '#testing';
import { OrderWorld, statesOf } from './order.world.js';

let world: OrderWorld;
let ben: SignedIn;
beforeAll(async () => {
  world = await OrderWorld.start({ ORDER_RESERVE_MS: '4000', ORDER_PAY_MS: '4000' });
  ben = await world.identity.signIn();
});
afterAll(async () => {
  await world?.stop();
});

describe('stock', () => {
  test('that the catalog does not have cancels the order, and nothing is charged', async () => {
    const shop = await world.shop(5);
    const scarce = world.variant(shop.merchantId, 5);
    await world.fill(ben, shop.variant.id, 2);
    const cart = await world.fill(ben, scarce.id, 2);
    world.catalog.fallSilent();
    const placed = await world.place(ben, cart.id);
    if (placed.__typename !== 'Order') throw new Error(placed.__typename);
    // Between the answer and the reservation others were faster.
    world.catalog.stock(scarce.id, 1);
    await world.catalog.speak();
    const order = await world.until(ben, placed.id, 'CANCELLED');
    expect(statesOf(order)).toEqual(['PENDING', 'CANCELLING', 'CANCELLED']);
    expect(order).toMatchObject({ cancellation: { code: 'OUT_OF_STOCK' }, payment: { state: 'NONE' } });
    expect(await world.books(placed.id)).toBeUndefined();
    await eventually(() => expect(world.catalog.availableOf(shop.variant.id)).toBe(5), { timeoutMs: 30_000 });
  });

  test('of one piece goes to one of five buyers', async () => {
    const shop = await world.shop(1);
    const buyers = await Promise.all(Array.from({ length: 5 }, () => world.identity.signIn()));
    const carts = await Promise.all(buyers.map((buyer) => world.fill(buyer, shop.variant.id)));
    world.catalog.fallSilent();
    const placed = await Promise.all(buyers.map((buyer, n) => world.place(buyer, carts[n]?.id ?? '')));
    await world.catalog.speak();
    const ended = await Promise.all(
      placed.map((answer, n) =>
        eventually(
          async () => {
            const buyer = buyers[n];
            if (answer.__typename !== 'Order' || !buyer) throw new Error(answer.__typename);
            const order = await world.order(buyer, answer.id);
            expect(['CONFIRMED', 'CANCELLED']).toContain(order.state);
            return order;
          },
          { timeoutMs: 30_000 },
        ),
      ),
    );
    expect(ended.filter(({ state }) => state === 'CONFIRMED')).toHaveLength(1);
    const booked = await Promise.all(ended.map(({ id }) => world.books(id)));
    expect(booked.reduce((sum, charge) => sum + (charge?.captures ?? 0), 0)).toBe(1);
  });

  test('that is not answered for in time cancels the order, and is given back when it comes', async () => {
    const shop = await world.shop(5);
    world.catalog.fallSilent();
    const { id } = await world.buy(ben, shop);
    expect(await world.until(ben, id, 'CANCELLING')).toMatchObject({ cancellation: { code: 'OUT_OF_STOCK' } });
    await world.catalog.speak();
    expect((await world.until(ben, id, 'CANCELLED')).payment.state).toBe('NONE');
    expect(world.catalog.availableOf(shop.variant.id)).toBe(5);
    expect(await world.books(id)).toBeUndefined();
  });
});

describe('a payment', () => {
  test('that is approved after the time to pay is voided, not taken', async () => {
    const shop = await world.shop(5);
    const { id } = await world.buy(ben, shop, { paymentToken: 'tok_late_approve' });
    const order = await world.until(ben, id, 'CANCELLED');
    expect(statesOf(order)).toEqual(['PENDING', 'RESERVED', 'CANCELLING', 'CANCELLED']);
    expect(order).toMatchObject({ cancellation: { code: 'PAYMENT_TIMEOUT' }, payment: { state: 'VOIDED' } });
    expect(await world.books(id)).toMatchObject({ state: 'VOIDED', captures: 0, refunds: 0 });
    expect(world.catalog.availableOf(shop.variant.id)).toBe(5);
  });

  test('of a provider that is away for longer than the time to pay is never made', async () => {
    const shop = await world.shop(5);
    world.gate.shut.add('/');
    const { id } = await world.buy(ben, shop);
    expect(await world.until(ben, id, 'CANCELLING')).toMatchObject({ cancellation: { code: 'PAYMENT_TIMEOUT' } });
    world.gate.shut.clear();
    expect((await world.until(ben, id, 'CANCELLED')).payment.state).toBe('VOIDED');
    expect(await world.books(id)).toMatchObject({ state: 'VOIDED', captures: 0 });
  });
});
