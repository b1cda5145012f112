import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  StockRestocked,
  StockSet,
  type EventEnvelope,
} from '#contracts';
import { eventually, type CapturedEvents } from '#testing';
import { CatalogWorld, orderOf, PATIENTLY, type Shop, type ToldOrder } from './catalog.world.js';

let world: CatalogWorld;
let shop: Shop;
let told: CapturedEvents;
beforeAll(async () => {
  world = await CatalogWorld.start();
  shop = await world.shop();
  const answers = [StockSet, StockReserved, StockRejected, StockReleased, StockCommitted, StockRestocked];
  told = await world.capture(...answers);
});
afterAll(async () => {
  await world?.stop();
});

interface Answer {
  readonly orderId?: string;
  readonly variantId: string;
}
const isOf = (orderId: string, variantId: string) => (event: EventEnvelope) => {
  const data = event.data as Answer;
  return data.orderId === orderId && data.variantId === variantId;
};

/** What the order was told of a variant, each event once, in order. */
function answers({ orderId }: ToldOrder, variantId: string): string[] {
  const events = told.all.filter(isOf(orderId, variantId));
  const once = new Map(events.map((event) => [event.id, event]));
  return [...once.values()].toSorted((left, right) => left.version - right.version).map(({ type }) => type);
}
const untilAnswered = (order: ToldOrder, variantId: string, ...expected: string[]) =>
  eventually(() => expect(answers(order, variantId)).toEqual(expected), PATIENTLY);

describe('an order that is placed', () => {
  test('has its pieces set aside, and each line is answered', async () => {
    const [lamp, chair] = [await world.variant(shop, 3), await world.variant(shop, 1)];
    const order = orderOf([lamp, 2], [chair, 2]);
    await world.placed(order);
    await untilAnswered(order, lamp.id, 'stock.reserved');
    await untilAnswered(order, chair.id, 'stock.rejected');
    expect(await world.available(lamp.id)).toBe(1);
    expect(await world.available(chair.id)).toBe(1);
    const reserved = told.of(StockReserved).find(isOf(order.orderId, lamp.id));
    expect(reserved?.data).toMatchObject({ onHand: 3, reserved: 2, available: 1, quantity: 2 });
  });

  test('becomes a sale, and comes back when it is cancelled before shipping', async () => {
    const lamp = await world.variant(shop, 3);
    const order = orderOf([lamp, 2]);
    await world.placed(order);
    await world.confirmed(order);
    await untilAnswered(order, lamp.id, 'stock.reserved', 'stock.committed');
    expect(await world.available(lamp.id)).toBe(1);
    await world.cancelling(order);
    await world.cancelled(order);
    await untilAnswered(order, lamp.id, 'stock.reserved', 'stock.committed', 'stock.restocked');
    expect(await world.available(lamp.id)).toBe(3);
  });

  test('is released when it is cancelled before the sale, and answered even where nothing was set aside', async () => {
    const [lamp, chair] = [await world.variant(shop, 3), await world.variant(shop, 0)];
    const order = orderOf([lamp, 1], [chair, 1]);
    await world.placed(order);
    await world.cancelling(order);
    await untilAnswered(order, lamp.id, 'stock.reserved', 'stock.released');
    await untilAnswered(order, chair.id, 'stock.rejected', 'stock.released');
    expect(await world.available(lamp.id)).toBe(3);
  });
});
