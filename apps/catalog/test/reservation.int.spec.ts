import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  OrderCancelled,
  OrderCancelling,
  OrderConfirmed,
  OrderPlaced,
  SetStock,
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  StockRestocked,
  StockSet,
  typeIds,
  UpdateProduct,
  type EventContract,
  type EventEnvelope,
  type StockLevel,
  type VariantView,
} from '#contracts';
import { eventually, type CapturedEvents } from '#testing';
import { StockRepository } from '../src/stock/stock.repository.js';
import { CatalogWorld, orderOf, PATIENTLY, RESERVED_MINUTES, type Shop, type ToldOrder } from './catalog.world.js';

const STOCK_EVENTS = [StockSet, StockReserved, StockRejected, StockReleased, StockCommitted, StockRestocked];

let world: CatalogWorld;
let shop: Shop;
let told: CapturedEvents;
let connection: Awaited<ReturnType<CatalogWorld['connect']>>;
let stocks: StockRepository;
beforeAll(async () => {
  world = await CatalogWorld.start();
  shop = await world.shop();
  told = await world.capture(...STOCK_EVENTS);
  connection = await world.connect();
  stocks = new StockRepository(connection);
});
afterAll(async () => {
  await connection?.close();
  await world?.stop();
});

const levelOf = ({ data }: EventEnvelope) => data as StockLevel & { orderId?: string };

/** All that was told of a variant's stock, each event once, in order. */
function history(variantId: string): EventEnvelope[] {
  const events = told.all.filter((event) => levelOf(event).variantId === variantId);
  const once = new Map(events.map((event) => [event.id, event]));
  return [...once.values()].toSorted((left, right) => left.version - right.version);
}
const answers = ({ orderId }: ToldOrder, variantId: string): string[] =>
  history(variantId)
    .filter((event) => levelOf(event).orderId === orderId)
    .map(({ type }) => type);
const untilAnswered = (order: ToldOrder, variantId: string, ...expected: string[]) =>
  eventually(() => expect(answers(order, variantId)).toEqual(expected), PATIENTLY);
const stockOf = async (variantId: string) => (await stocks.find(variantId))?.state;

/** Ends with the sweeper having forgotten what has ended. */
async function forgetEnded(variantId: string): Promise<void> {
  await world.heard();
  world.clock.forward(1);
  await world.sweep();
  expect((await stockOf(variantId))?.holds.filter(({ state }) => state !== 'RESERVED')).toEqual([]);
}

describe('an order that is placed', () => {
  test('has its pieces set aside, and each line is answered', async () => {
    const [lamp, chair] = [await world.variant(shop, 3), await world.variant(shop, 1)];
    const order = orderOf([lamp, 2], [chair, 2]);
    await world.placed(order);
    await untilAnswered(order, lamp.id, 'stock.reserved');
    await untilAnswered(order, chair.id, 'stock.rejected');
    expect(await world.available(lamp.id)).toBe(1);
    expect(await world.available(chair.id)).toBe(1);
    expect(history(lamp.id).at(-1)?.data).toMatchObject({ onHand: 3, reserved: 2, available: 1, quantity: 2 });
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

  test('gets nothing that is not for sale, of another merchant, or that never was, but an answer', async () => {
    const [lamp, other] = [await world.variant(shop, 3), await world.variant(await world.shop(), 3)];
    await world.as(shop.owner, UpdateProduct, { id: lamp.productId, status: 'ARCHIVED' });
    const nothing: VariantView = { ...lamp, id: typeIds.next('variant'), productId: typeIds.next('product') };
    const order = orderOf([lamp, 1], [other, 1], [nothing, 1]);
    await world.placed(order);
    for (const { id } of [lamp, other, nothing]) await untilAnswered(order, id, 'stock.rejected');
    await world.cancelling(order);
    await untilAnswered(order, nothing.id, 'stock.rejected', 'stock.released');
  });
});

describe('events that come again, late or in the wrong order', () => {
  const CONTRACTS: readonly EventContract[] = [OrderPlaced, OrderConfirmed, OrderCancelling, OrderCancelled];
  const repeat = async (events: readonly EventEnvelope[]): Promise<void> => {
    for (const told of events) {
      const contract = CONTRACTS.find(({ type }) => type === told.type);
      if (contract) await world.events.repeat(contract, told);
    }
  };

  test('a cancellation before its order: nothing is set aside, and the order has its answer', async () => {
    const lamp = await world.variant(shop, 3);
    const order = orderOf([lamp, 1]);
    await world.cancelling(order);
    await world.placed(order);
    await world.confirmed(order);
    await world.heard();
    await untilAnswered(order, lamp.id, 'stock.released');
    expect(await world.available(lamp.id)).toBe(3);
  });

  test('have no effect a second time', async () => {
    const lamp = await world.variant(shop, 3);
    const order = orderOf([lamp, 2]);
    const events: EventEnvelope[] = [await world.placed(order), await world.confirmed(order)];
    await repeat([...events, ...events.toReversed()]);
    events.push(await world.cancelling(order), await world.cancelled(order));
    await repeat([...events.toReversed(), ...events]);
    await world.heard();
    await untilAnswered(order, lamp.id, 'stock.reserved', 'stock.committed', 'stock.restocked');
    expect(await world.available(lamp.id)).toBe(3);
  });

  test('have none either when the hold is forgotten; what was sold still comes back', async () => {
    const lamp = await world.variant(shop, 3);
    const order = orderOf([lamp, 2]);
    const events: EventEnvelope[] = [await world.placed(order), await world.confirmed(order)];
    await untilAnswered(order, lamp.id, 'stock.reserved', 'stock.committed');
    await forgetEnded(lamp.id);
    await repeat(events);
    await world.heard();
    expect(await stockOf(lamp.id)).toMatchObject({ onHand: 1, reserved: 0, holds: [] });
    events.push(await world.cancelling(order));
    await untilAnswered(order, lamp.id, 'stock.reserved', 'stock.committed', 'stock.restocked');
    await forgetEnded(lamp.id);
    await repeat(events);
    await world.heard();
    expect(await stockOf(lamp.id)).toMatchObject({ onHand: 3, reserved: 0, holds: [] });
  });

  test('a hold is not forgotten before its order knows of it', async () => {
    const lamp = await world.variant(shop, 3);
    const order = orderOf([lamp, 1]);
    // All that a process had done that died between the stock and the order's record.
    await stocks.mutate(lamp.id, (stock) => ({
      state: {
        ...stock,
        holds: [{ ...hold(order.orderId), state: 'COMMITTED' as const }],
        endedSince: world.clock.now(),
        onHand: 2,
      },
    }));
    world.clock.forward(1);
    await world.sweep();
    await world.confirmed(order);
    await world.heard();
    expect(await stockOf(lamp.id)).toMatchObject({ onHand: 2, holds: [{ state: 'COMMITTED' }] });
    await forgetEnded(lamp.id);
  });
});

const hold = (orderId: string) => {
  const at = world.clock.now();
  return { orderId, quantity: 1, orderVersion: 4, until: at, changedAt: at };
};

describe('a hold that has run out', () => {
  const expire = (): void => world.clock.forward(RESERVED_MINUTES + 1);

  test('does not count, swept or not, and is told as expired once', async () => {
    const lamp = await world.variant(shop, 3);
    const order = orderOf([lamp, 2]);
    await world.placed(order);
    await untilAnswered(order, lamp.id, 'stock.reserved');
    expire();
    expect(await world.available(lamp.id)).toBe(3);
    await Promise.all([world.sweep(), world.sweep()]);
    await untilAnswered(order, lamp.id, 'stock.reserved', 'stock.released');
    expect(history(lamp.id).at(-1)?.data).toMatchObject({ reason: 'EXPIRED', available: 3, reserved: 0 });
    await world.cancelling(order);
    await untilAnswered(order, lamp.id, 'stock.reserved', 'stock.released', 'stock.released');
    expect(await world.available(lamp.id)).toBe(3);
  });

  test('makes way for the next order; if its own is confirmed after all, that is told that nothing is left', async () => {
    const lamp = await world.variant(shop, 1);
    const [late, next] = [orderOf([lamp, 1]), orderOf([lamp, 1])];
    await world.placed(late);
    await untilAnswered(late, lamp.id, 'stock.reserved');
    expire();
    await world.placed(next);
    await untilAnswered(next, lamp.id, 'stock.reserved');
    const confirmed = await world.confirmed(late);
    await untilAnswered(late, lamp.id, 'stock.reserved', 'stock.released', 'stock.rejected');
    await world.confirmed(next);
    await untilAnswered(next, lamp.id, 'stock.reserved', 'stock.committed');
    expect(await stockOf(lamp.id)).toMatchObject({ onHand: 0, reserved: 0 });

    // What was refused once stays refused, also when the event comes again and there are pieces.
    await forgetEnded(lamp.id);
    await world.as(shop.owner, SetStock, { variantId: lamp.id, onHand: 5 });
    await world.events.repeat(OrderConfirmed, confirmed);
    await world.heard();
    expect(await stockOf(lamp.id)).toMatchObject({ onHand: 5, holds: [] });
  });

  test('is sold all the same when its pieces are still there, even if it was swept and forgotten', async () => {
    const lamp = await world.variant(shop, 1);
    const order = orderOf([lamp, 1]);
    await world.placed(order);
    await untilAnswered(order, lamp.id, 'stock.reserved');
    await world.heard();
    expire();
    await world.sweep();
    await forgetEnded(lamp.id);
    await world.confirmed(order);
    await untilAnswered(order, lamp.id, 'stock.reserved', 'stock.released', 'stock.committed');
    expect(await stockOf(lamp.id)).toMatchObject({ onHand: 0, reserved: 0 });
  });
});

test('fifty orders at once, at two instances, for the last seven pieces: seven get one', async () => {
  await world.startSecond();
  const [lamp, chair] = [await world.variant(shop, 7), await world.variant(shop, 100)];
  const orders = Array.from({ length: 50 }, () => orderOf([lamp, 1], [chair, 1]));
  await Promise.all(orders.map((order) => world.placed(order)));
  await Promise.all(
    orders.map((order) => eventually(() => expect(answers(order, lamp.id)).toHaveLength(1), PATIENTLY)),
  );
  const served = orders.filter((order) => answers(order, lamp.id)[0] === 'stock.reserved');
  expect(served).toHaveLength(7);
  await Promise.all(orders.map((order) => untilAnswered(order, chair.id, 'stock.reserved')));

  const refused = orders.filter((order) => !served.includes(order));
  await Promise.all([
    ...served.map((order) => world.confirmed(order)),
    ...refused.map((order) => world.cancelling(order)),
  ]);
  await eventually(async () => expect(await stockOf(chair.id)).toMatchObject({ onHand: 93, reserved: 0 }), PATIENTLY);
  await eventually(async () => expect(await stockOf(lamp.id)).toMatchObject({ onHand: 0, reserved: 0 }), PATIENTLY);
  for (const { id } of [lamp, chair]) {
    const events = history(id);
    expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
    for (const event of events) expect(levelOf(event).reserved).toBeLessThanOrEqual(levelOf(event).onHand);
  }
});

test('every query was answered by an index', async () => {
  await world.queries.explainAll(connection);
});
