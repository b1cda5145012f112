import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OrderView } from '#contracts';
import { processMetrics } from '#service-kit';
import { eventually } from '#testing';
import { OrderWorld, type Shop } from './order.world.js';

const WITHIN = { timeoutMs: 60_000 };
const MAX_CALLS = 6;
const ORDERS = 24;

let world: OrderWorld;
let shop: Shop;
beforeAll(async () => {
  world = await OrderWorld.start({ PAYMENT_MAX_CALLS: String(MAX_CALLS) });
  // A callback would tell what the lost answers said.
  world.gate.tellsCallbacks = false;
  shop = await world.shop(1_000);
});
afterAll(async () => {
  await world?.stop();
});

async function figure(name: string): Promise<number> {
  const { body } = await processMetrics();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1]);
}

/** Of one buyer each, as people are. */
async function placeAll() {
  const buyers = await Promise.all(Array.from({ length: ORDERS }, () => world.identity.signIn()));
  return Promise.all(buyers.map(async (buyer) => ({ buyer, id: (await world.buy(buyer, shop)).id })));
}

async function timePasses(ms: number): Promise<void> {
  const since = Date.now();
  await eventually(() => expect(Date.now() - since).toBeGreaterThan(ms), WITHIN);
}

describe('a payment provider that answers nothing for a while', () => {
  test.each(['request', 'answer'] as const)(
    'is asked less and less, and every order is charged once when it is back (lost: each %s)',
    async (where) => {
      world.gate.hangs = where;
      world.gate.mostUnderWay = 0;
      const placed = await placeAll();
      const orders = (): Promise<OrderView[]> => Promise.all(placed.map(({ buyer, id }) => world.order(buyer, id)));
      await eventually(async () => {
        expect(await figure('grapevine_payment_circuit_open')).toBe(1);
        expect((await orders()).every(({ state }) => state === 'RESERVED')).toBe(true);
      }, WITHIN);
      expect(world.gate.mostUnderWay).toBeLessThanOrEqual(MAX_CALLS);

      // One call at a time, each of a second, with pauses between them. Those under way when it opened may be repeated once.
      const before = world.gate.asked;
      await timePasses(4_000);
      expect(world.gate.asked - before).toBeLessThanOrEqual(6);
      expect(await figure('grapevine_payment_wait_seconds')).toBeGreaterThan(0);
      const waiting = await orders();
      expect(waiting.every(({ state }) => state === 'RESERVED')).toBe(true);
      // What was never asked for is in no doubt.
      expect(waiting.filter(({ payment }) => payment.state === 'NONE').length).toBeGreaterThan(0);

      world.gate.hangs = undefined;
      for (const { buyer, id } of placed) {
        const order = await world.until(buyer, id, 'CONFIRMED');
        expect(order.payment).toMatchObject({ state: 'CAPTURED', captured: { amountMinor: 4900 } });
        expect(await world.books(id)).toMatchObject({ state: 'CAPTURED', captures: 1, refunds: 0 });
      }
      await eventually(async () => expect(await figure('grapevine_payment_circuit_open')).toBe(0), WITHIN);
    },
    120_000,
  );
});
