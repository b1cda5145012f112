import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  DeliverOrder,
  MerchantCreated,
  OrdersByIds,
  OrdersOfCaller,
  OrdersOfMerchant,
  PurchasesOfCaller,
  ShipOrder,
  StockReserved,
  typeIds,
  type OrderStatus,
  type OrderView,
} from '#contracts';
import { connectDatabase, databaseName } from '#persistence';
import { eventually, type SignedIn } from '#testing';
import { OrderWorld, statesOf, type Shop } from './order.world.js';

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

const bought = (at: Shop = shop): Promise<OrderView> => world.buy(ben, at, { waitFor: 'CONFIRMED', waitMs: 30_000 });
const ship = (person: SignedIn, id: string, trackingCode?: string) =>
  world.as(person, ShipOrder, { id, ...(trackingCode ? { trackingCode } : {}) });
const deliver = (person: SignedIn, id: string) => world.as(person, DeliverOrder, { id });

describe('cancelling', () => {
  /** Brings an order to a state where it stays until the way is open again. */
  const WAYS: Record<'PENDING' | 'RESERVED' | 'PAID' | 'CONFIRMED', () => void> = {
    PENDING: () => world.catalog.fallSilent(),
    RESERVED: () => void world.gate.shut.add('/'),
    PAID: () => void world.gate.shut.add('/captures'),
    CONFIRMED: () => undefined,
  };
  const CHARGED = { PENDING: [0], RESERVED: [0], PAID: [0, 1], CONFIRMED: [1] };
  async function open(): Promise<void> {
    world.gate.shut.clear();
    await world.catalog.speak();
  }

  test.each(
    (Object.keys(WAYS) as (keyof typeof WAYS)[]).flatMap((state) =>
      (['BUYER', 'MERCHANT'] as const).map((by) => [state, by] as const),
    ),
  )('an order in %s by the %s gives back all that was taken', async (state, by) => {
    const at = await world.shop(3);
    WAYS[state]();
    const { id } = await world.buy(ben, at, { quantity: 2 });
    await world.until(ben, id, state);
    const cancelled = await world.cancel(by === 'BUYER' ? ben : at.owner, id);
    expect(cancelled).toMatchObject({ state: 'CANCELLING', cancellation: { code: by } });
    await open();
    const order = await world.until(ben, id, 'CANCELLED');
    expect(statesOf(order).slice(-3)).toEqual([state, 'CANCELLING', 'CANCELLED']);
    await eventually(() => expect(world.catalog.availableOf(at.variant.id)).toBe(3), { timeoutMs: 30_000 });
    expect(world.catalog.onHandOf(at.variant.id)).toBe(3);
    const { captures = 0, refunds = 0 } = (await world.books(id)) ?? {};
    // A capture that was on its way when the order was cancelled may arrive before the void: then it is refunded.
    expect(CHARGED[state]).toContain(captures);
    expect(refunds).toBe(captures);
    const amount = { amountMinor: 9800 * captures };
    expect(order.payment).toMatchObject({ captured: amount, refunded: amount });
    expect(await world.cancel(ben, id)).toMatchObject({ code: 'WRONG_STATE', state: 'CANCELLED' });
  });

  test('refunds what the provider captured behind the order\u2019s back', async () => {
    world.gate.tellsCallbacks = false;
    const lost = world.gate.holdNext('/captures', 'answer');
    const { id } = await world.buy(ben, shop);
    await lost;
    world.gate.shut.add('/captures');
    expect(statesOf(await world.order(ben, id)).at(-1)).toBe('PAID');
    await world.cancel(ben, id);
    await world.until(ben, id, 'CANCELLED');
    world.gate.shut.clear();
    world.gate.tellsCallbacks = true;
    expect(await world.books(id)).toMatchObject({ captures: 1, refunds: 1 });
  });

  test('waits for a provider that is away rather than guess', async () => {
    const { id } = await bought();
    await world.killProvider();
    expect(await world.cancel(ben, id)).toMatchObject({ state: 'CANCELLING' });
    await eventually(async () => expect((await world.order(ben, id)).payment.state).toBe('UNCERTAIN'), {
      timeoutMs: 30_000,
    });
    expect((await world.order(ben, id)).state).toBe('CANCELLING');
    await world.startProvider();
    expect((await world.until(ben, id, 'CANCELLED')).payment.state).toBe('REFUNDED');
  });

  test('pressed ten times at once is one cancellation', async () => {
    const { id } = await bought();
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.cancel(ben, id)));
    expect(answers.filter(({ __typename }) => __typename === 'Order')).toHaveLength(1);
    await world.until(ben, id, 'CANCELLED');
    expect(await world.books(id)).toMatchObject({ captures: 1, refunds: 1 });
  });
});

describe('an order that is shipped', () => {
  test('goes on to its buyer, and can not be cancelled any more', async () => {
    const { id } = await bought();
    expect(await deliver(shop.owner, id)).toMatchObject({ code: 'WRONG_STATE', state: 'CONFIRMED' });
    expect(await ship(shop.owner, id, ' JD01 ')).toMatchObject({ state: 'SHIPPED', trackingCode: 'JD01' });
    expect(await ship(shop.owner, id)).toMatchObject({ code: 'WRONG_STATE', state: 'SHIPPED' });
    for (const person of [ben, shop.owner])
      expect(await world.cancel(person, id)).toMatchObject({ code: 'WRONG_STATE', state: 'SHIPPED' });
    const delivered = await deliver(shop.owner, id);
    expect(delivered).toMatchObject({ state: 'DELIVERED', trackingCode: 'JD01' });
  });

  test('before it is paid is not possible', async () => {
    world.catalog.fallSilent();
    const { id } = await world.buy(ben, shop);
    expect(await ship(shop.owner, id)).toMatchObject({ code: 'WRONG_STATE', state: 'PENDING' });
    await world.catalog.speak();
    await world.until(ben, id, 'CONFIRMED');
  });

  test('is shipped by staff: the owner, and whom the token grants it', async () => {
    const helper = await world.identity.signIn({ merchantIds: [shop.merchantId] });
    const others = await world.identity.signIn({ merchantIds: [typeIds.next('merchant')] });
    const { id } = await bought();
    await expect(ship(ben, id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await ship(others, id)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await ship(helper, id)).toMatchObject({ state: 'SHIPPED' });
    await expect(deliver(ben, id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await deliver(helper, id)).toMatchObject({ state: 'DELIVERED' });
  });

  test('is the owner\u2019s to ship while the catalog is away', async () => {
    const { id } = await bought();
    await world.catalog.events.untilRead('order.catalog', [MerchantCreated]);
    world.catalog.isDown = true;
    const answer = await ship(shop.owner, id);
    world.catalog.isDown = false;
    expect(answer).toMatchObject({ state: 'SHIPPED' });
  });
});

describe('orders are seen', () => {
  const ids = (orders: readonly { readonly id: string }[]) => orders.map(({ id }) => id);

  test('by their buyer and the merchant\u2019s staff, and by nobody else', async () => {
    const other = await world.shop(9);
    const [here, there] = [await bought(), await bought(other)];
    const wanted = { ids: [here.id, there.id, typeIds.next('order')] };
    expect(ids(await world.as(ben, OrdersByIds, wanted)).toSorted()).toEqual([here.id, there.id].toSorted());
    expect(ids(await world.as(shop.owner, OrdersByIds, wanted))).toEqual([here.id]);
    expect(ids(await world.as(await world.identity.signIn(), OrdersByIds, wanted))).toEqual([]);
    const merchantId = other.merchantId;
    const page = { merchantId, first: 20 };
    expect((await world.as(other.owner, OrdersOfMerchant, page)).items).toHaveLength(1);
    for (const person of [ben, shop.owner])
      await expect(world.as(person, OrdersOfMerchant, page)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await world.cancel(shop.owner, there.id)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await world.cancel(ben, 'order_nothing')).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('newest first, page by page, also of some states only', async () => {
    const buyer = await world.identity.signIn();
    const at = await world.shop(9);
    const orders: OrderView[] = [];
    for (let count = 0; count < 5; count++) orders.push(await world.buy(buyer, at));
    const newestFirst = ids(orders).toReversed();
    for (const { id } of orders) await world.until(buyer, id, 'CONFIRMED');
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await world.as(buyer, OrdersOfCaller, { first: 2, ...(after ? { after } : {}) });
      seen.push(...page.items.map(({ node }) => node.id));
      after = page.hasNextPage ? page.items.at(-1)?.cursor : undefined;
    } while (after);
    expect(seen).toEqual(newestFirst);

    const shipped = newestFirst[1] ?? '';
    await ship(at.owner, shipped);
    const ofStates = async (...states: OrderStatus[]) =>
      (await world.as(at.owner, OrdersOfMerchant, { merchantId: at.merchantId, first: 20, states })).items.map(
        ({ node }) => node.id,
      );
    expect(await ofStates()).toEqual(newestFirst);
    expect(await ofStates('SHIPPED')).toEqual([shipped]);
    expect(await ofStates('CONFIRMED', 'SHIPPED')).toEqual(newestFirst);
    await expect(world.as(buyer, OrdersOfCaller, { first: 2, after: 'nonsense' })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  test('as purchases, of one\u2019s own lines', async () => {
    const order = await bought();
    const orderLineIds = [order.lines[0]?.id ?? '', typeIds.next('line')];
    const [purchase, ...more] = await world.as(ben, PurchasesOfCaller, { orderLineIds });
    expect(more).toEqual([]);
    expect(purchase).toMatchObject({ orderId: order.id, orderLineId: orderLineIds[0], state: 'CONFIRMED' });
    expect(await world.as(shop.owner, PurchasesOfCaller, { orderLineIds })).toEqual([]);
  });
});

describe('stock events', () => {
  test('that come three times each, and once more in the wrong order, change nothing', async () => {
    const at = await world.shop(5);
    world.catalog.copies = 3;
    world.gate.shut.add('/voids');
    world.gate.shut.add('/captures');
    const { id } = await world.buy(ben, at);
    await world.until(ben, id, 'PAID');
    await world.cancel(ben, id);
    await eventually(() => expect(world.catalog.availableOf(at.variant.id)).toBe(5), { timeoutMs: 30_000 });
    // Reserved, long ago, is the last that it hears while it waits for the provider.
    await world.catalog.repeat(id, (told) => told.toReversed());
    await world.catalog.events.untilRead('order.checkout', [StockReserved]);
    world.catalog.copies = 1;
    world.gate.shut.clear();
    await world.until(ben, id, 'CANCELLED');
    expect(world.catalog.availableOf(at.variant.id)).toBe(5);
  });

  test('about an order that is not here are ignored', async () => {
    const data = { ...StockReserved.example, orderId: typeIds.next('order') };
    await world.catalog.events.publish(StockReserved, data, { subject: data.variantId });
    await world.catalog.events.untilRead('order.checkout', [StockReserved]);
    expect((await bought()).state).toBe('CONFIRMED');
  });
});

test('every query about orders is answered by an index', async () => {
  const name = databaseName(world.servers.namespace, 'order');
  const connection = await connectDatabase({ uri: world.servers.mongodbUri, name });
  await world.queries.explainAll(connection);
  await connection.close();
});
