import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OrderView } from '#contracts';
import { eventually, type SignedIn } from '#testing';
import { OrderWorld, type Shop } from './order.world.js';
import type { Alone } from './order.runner.js';

const ORDERS = 40;
const DRAIN_MS = 30_000;
const WITHIN = { timeoutMs: 60_000 };

describe('SIGTERM while orders are under way', () => {
  let world: OrderWorld<Alone>;
  let shop: Shop;
  let buyers: SignedIn[];

  beforeEach(async () => {
    world = await OrderWorld.startAlone();
    shop = await world.shop(1_000);
    buyers = await Promise.all(Array.from({ length: ORDERS }, () => world.identity.signIn()));
  }, 60_000);
  afterEach(() => world.stop());

  test('ends the process within 30 s, and what was acknowledged is finished by the next one', async () => {
    const carts = await Promise.all(buyers.map((buyer) => world.fill(buyer, shop.variant.id)));
    const placed: { buyer: SignedIn; order: OrderView }[] = [];
    const placing = Promise.allSettled(
      buyers.map(async (buyer, index) => {
        const order = await world.place(buyer, carts[index]?.id ?? '');
        if (order.__typename === 'Order') placed.push({ buyer, order });
      }),
    );
    await eventually(() => expect(placed.length).toBeGreaterThan(ORDERS / 4), WITHIN);

    const since = Date.now();
    const status = await world.service.stop();
    expect(Date.now() - since).toBeLessThanOrEqual(DRAIN_MS);
    expect(status).toBe(0);
    // Those that came too late are told so, and have no order.
    await placing;

    await world.service.start();
    for (const { buyer, order } of placed) await world.until(buyer, order.id, 'CONFIRMED');
  }, 180_000);
});
