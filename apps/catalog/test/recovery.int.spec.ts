import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  idFrom,
  money,
  StockRejected,
  StockReserved,
  StockSet,
  typeIds,
  type EventOf,
  type VariantView,
} from '#contracts';
import type { Decision, Outcome, Stored, WriteOptions } from '#persistence';
import { eventually, type CapturedEvents } from '#testing';
import { createProduct } from '../src/product/product.js';
import { findable, ProductRepository } from '../src/product/product.repository.js';
import { MeetDemand } from '../src/stock/meet-demand.handler.js';
import { OrderRecords } from '../src/stock/order-record.projection.js';
import { commit, reserve, type Stock } from '../src/stock/stock.js';
import { StockRepository } from '../src/stock/stock.repository.js';
import { TakeCounts } from '../src/stock/take-counts.handler.js';
import { CatalogWorld, orderOf, PATIENTLY, variantOf, type Shop } from './catalog.world.js';

let world: CatalogWorld;
let shop: Shop;
let told: CapturedEvents;
let connection: Awaited<ReturnType<CatalogWorld['connect']>>;
let products: ProductRepository;
let stocks: StockRepository;
beforeAll(async () => {
  world = await CatalogWorld.start();
  shop = await world.shop();
  told = await world.capture(StockSet, StockReserved, StockRejected);
  connection = await world.connect();
  [products, stocks] = [new ProductRepository(connection), new StockRepository(connection)];
});
afterAll(async () => {
  await connection?.close();
  await world?.stop();
});

/** All that a process does of createProduct before it dies right after the product's write. */
async function dieAfterProduct({ withEvent }: { withEvent: boolean }): Promise<VariantView> {
  const id = typeIds.next('product');
  const owner = { merchantId: shop.merchantId, externalKey: id, handle: `cut-off-${id.slice(-8)}` };
  const draft = {
    title: 'Cut off',
    description: '',
    tags: [],
    images: [],
    status: 'ACTIVE' as const,
    variants: ['S', 'M'].map((value) => variantOf(3, { options: [{ name: 'Size', value }] })),
  };
  const { state, events } = createProduct(
    id,
    owner,
    draft,
    (seed) => idFrom('variant', new Date(), id + seed),
    new Date(),
  );
  await products.insert(id, findable(state), withEvent ? events : []);
  const [variant] = state.variants;
  if (variant === undefined) throw new Error('no variant');
  const { title: productTitle, status: productStatus } = state;
  return {
    ...variant,
    options: [],
    productId: id,
    merchantId: shop.merchantId,
    available: 3,
    productTitle,
    productStatus,
  };
}
const eventsOf = (productId: string): EventOf<typeof StockSet>[] => {
  const events = told.of(StockSet).filter(({ data }) => data.productId === productId);
  return [...new Map(events.map((event) => [event.id, event])).values()];
};

describe('a product whose process died before its stock documents were made', () => {
  test('shows its counts at once, and is completed by its own event', async () => {
    const { productId, id } = await dieAfterProduct({ withEvent: true });
    expect(await world.available(id)).toBe(3);
    await eventually(() => expect(eventsOf(productId)).toHaveLength(2), PATIENTLY);
    expect(await stocks.ofProducts([productId])).toMatchObject([{ state: { onHand: 3 } }, { state: { onHand: 3 } }]);
  });

  test('is completed after a restart of everything', async () => {
    await world.shutDown();
    const { productId, id } = await dieAfterProduct({ withEvent: true });
    await world.startAgain();
    await eventually(() => expect(eventsOf(productId)).toHaveLength(2), PATIENTLY);
    expect(await world.available(id)).toBe(3);
  });

  test('can be ordered before that', async () => {
    const variant = await dieAfterProduct({ withEvent: false });
    const order = orderOf([variant, 2]);
    await world.placed(order);
    await world.untilAvailable(variant.id, 1);
    await eventually(() => expect(eventsOf(variant.productId)).toHaveLength(2), PATIENTLY);
    const reserved = () => told.of(StockReserved).find(({ data }) => data.orderId === order.orderId);
    await eventually(() => expect(reserved()?.data).toMatchObject({ onHand: 3, reserved: 2 }), PATIENTLY);
  });
});

test('an order whose process died between the stock of its lines and its record is answered once', async () => {
  const [lamp, chair] = [await world.variant(shop, 3), await world.variant(shop, 3)];
  const order = orderOf([lamp, 1], [chair, 1]);
  const { orderId } = order;
  const until = new Date(world.clock.now().getTime() + 60_000);
  await stocks.mutate(lamp.id, (stock) => {
    const demand = { orderId, quantity: 1, orderVersion: 1, until, forSale: true };
    const change = reserve(lamp.id, stock, demand, world.clock.now());
    return { state: change.stock, events: change.events };
  });
  await world.placed(order);
  await world.untilAvailable(chair.id, 2);
  await world.heard();
  const reserved = () => told.of(StockReserved).filter(({ data }) => data.orderId === orderId);
  await eventually(() => expect(new Set(reserved().map(({ id }) => id)).size).toBe(2), PATIENTLY);
  expect(await world.available(lamp.id)).toBe(2);
  const records = new OrderRecords(connection);
  expect(await records.find(orderId)).toEqual({ version: 1, lines: { [lamp.id]: 'RESERVED', [chair.id]: 'RESERVED' } });
});

/** A process that is stopped right before it looks at a stock. */
class StoppedStocks extends StockRepository {
  readonly stopped = new Gate();
  readonly goesOn = new Gate();

  override async mutate<Result = undefined>(
    id: string,
    decide: (state: Stock, stored: Stored<Stock>) => Decision<Stock, Result> | Promise<Decision<Stock, Result>>,
    options: WriteOptions = {},
  ): Promise<Outcome<Stock, Result> | null> {
    this.stopped.open();
    await this.goesOn.opened;
    return super.mutate(id, decide, options);
  }
}

class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

test('a process that was stopped for all the rest of an order has no effect when it goes on', async () => {
  const lamp = await world.variant(shop, 5);
  const order = orderOf([lamp, 1]);
  await world.placed(order);
  await world.untilAvailable(lamp.id, 4);
  const elsewhere = await world.connect();
  const sleeping = new StoppedStocks(elsewhere);
  const demand = new MeetDemand(
    sleeping,
    new OrderRecords(elsewhere),
    new ProductRepository(elsewhere),
    new TakeCounts(sleeping, world.clock),
  );
  const late = demand.meet(order.snapshot, 4, (id, stock, wish) => commit(id, stock, wish, world.clock.now()));
  await sleeping.stopped.opened;
  await world.confirmed(order);
  await eventually(async () => expect(await stocks.find(lamp.id)).toMatchObject({ state: { onHand: 4 } }), PATIENTLY);
  await world.heard();
  world.clock.forward(1);
  await world.sweep();
  expect(await stocks.find(lamp.id)).toMatchObject({ state: { onHand: 4, holds: [] } });
  sleeping.goesOn.open();
  await late;
  expect(await stocks.find(lamp.id)).toMatchObject({ state: { onHand: 4, reserved: 0 } });
  await elsewhere.close();
});

test('orders that came while the service was down are answered when it is back', async () => {
  const lamp = await world.variant(shop, 1);
  await world.shutDown();
  const orders = [orderOf([lamp, 1]), orderOf([lamp, 1])];
  for (const order of orders) await world.placed(order);
  await world.startAgain();
  const answers = (contract: typeof StockReserved | typeof StockRejected) =>
    told.all.filter(({ type, subject }) => type === contract.type && subject === lamp.id);
  await eventually(() => {
    expect(answers(StockReserved).length).toBeGreaterThan(0);
    expect(answers(StockRejected).length).toBeGreaterThan(0);
  }, PATIENTLY);
  expect(await stocks.find(lamp.id)).toMatchObject({ state: { onHand: 1, reserved: 1 } });
});

test('a price in minor units is the same number after a restart', async () => {
  const price = money(Number.MAX_SAFE_INTEGER, 'EUR');
  const { id } = await world.product(shop, { variants: [variantOf(1_000_000_000, { price })] });
  await world.shutDown();
  await world.startAgain();
  expect((await products.find(id))?.state.variants[0]).toMatchObject({ price, count: { onHand: 1_000_000_000 } });
});
