import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AddToCart,
  CartsByIds,
  CartsOfCaller,
  PlaceOrder,
  ProductChanged,
  ProductCreated,
  SetCartLine,
  StockSet,
  typeIds,
  type OrderView,
} from '#contracts';
import { OperationContext } from '#service-kit';
import { connectDatabase, databaseName } from '#persistence';
import { eventually, type SignedIn } from '#testing';
import { ChangeLine } from '../src/cart/change-line.handler.js';
import { orderNumber } from '../src/order/order-number.js';
import { OrderRepository } from '../src/order/order.repository.js';
import { PlaceOrderHandler } from '../src/order/place-order.handler.js';
import { ADDRESS, OrderWorld, type Shop } from './order.world.js';

let world: OrderWorld;
let shop: Shop;
beforeAll(async () => {
  world = await OrderWorld.start();
  shop = await world.shop(100);
});
afterAll(async () => {
  await world?.stop();
});
const someone = (): Promise<SignedIn> => world.identity.signIn();
/** A run of a command, before the client's key is looked at. */
const aRun = (person: SignedIn, isFirstRun = false): OperationContext => {
  const caller = { ...person, roles: [], merchantIds: [], sessionId: 'session' };
  const deadlineAt = new Date(Date.now() + 30_000);
  return new OperationContext({
    caller,
    commandId: typeIds.next('request'),
    at: new Date(),
    isFirstRun,
    deadlineAt,
  });
};
const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

describe('a cart', () => {
  test('is one for each buyer and merchant, and quotes the price of the moment', async () => {
    const ben = await someone();
    const other = await world.shop(5, 100);
    const { id } = await world.fill(ben, shop.variant.id, 2);
    expect(await world.fill(ben, shop.variant.id)).toMatchObject({
      id,
      lines: [{ quantity: 3, quotedPrice: eur(4900), lineTotal: eur(14_700) }],
      subtotal: eur(14_700),
    });
    const second = await world.fill(ben, other.variant.id);
    expect(second.id).not.toBe(id);
    const carts = await world.as(ben, CartsOfCaller, {});
    expect(carts.map((cart) => cart.id)).toEqual([second.id, id]);
    expect(await world.as(ben, CartsOfCaller, { merchantId: shop.merchantId })).toMatchObject([{ id }]);
  });

  test('has its lines set, and loses them at 0', async () => {
    const ben = await someone();
    const [variantId] = [shop.variant.id];
    await world.fill(ben, variantId, 2);
    expect(await world.as(ben, SetCartLine, { variantId, quantity: 7 })).toMatchObject({ lines: [{ quantity: 7 }] });
    expect(await world.as(ben, SetCartLine, { variantId, quantity: 0 })).toMatchObject({ lines: [] });
    expect(await world.as(ben, SetCartLine, { variantId, quantity: 0 })).toMatchObject({ lines: [] });
    expect(await world.as(ben, CartsOfCaller, {})).toEqual([]);
  });

  test('refuses what there is not', async () => {
    const ben = await someone();
    const variantId = world.variant(shop.merchantId, 2).id;
    const add = (id: string, quantity: number) => world.as(ben, AddToCart, { variantId: id, quantity });
    expect(await add(typeIds.next('variant'), 1)).toMatchObject({ code: 'NOT_FOUND', type: 'Variant' });
    expect(await add('variant_\u{1f600}', 1)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await add(variantId, 3)).toMatchObject({ code: 'OUT_OF_STOCK', requested: 3, available: 2 });
    expect(await add(variantId, 2)).toMatchObject({ __typename: 'Cart' });
    expect(await add(variantId, 1)).toMatchObject({ code: 'OUT_OF_STOCK', requested: 3, available: 2 });
    for (const quantity of [-1, 0, 1.5, 10_001, Number.NaN])
      expect(await add(variantId, quantity)).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['quantity'] }] });
  });

  test('adds once for a key, also when it is pressed ten times at once', async () => {
    const ben = await someone();
    const variantId = shop.variant.id;
    const clientMutationKey = 'once';
    const presses = Array.from({ length: 10 }, () =>
      world.as(ben, AddToCart, { clientMutationKey, variantId, quantity: 1 }),
    );
    for (const answer of await Promise.all(presses)) expect(answer).toMatchObject({ lines: [{ quantity: 1 }] });
    const other = await world.as(ben, AddToCart, { clientMutationKey, variantId, quantity: 2 });
    expect(other).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    await Promise.all(Array.from({ length: 10 }, () => world.as(ben, AddToCart, { variantId, quantity: 1 })));
    expect(await world.as(ben, CartsOfCaller, {})).toMatchObject([{ lines: [{ quantity: 11 }] }]);
  });

  test('adds once when the command is run again after a crash', async () => {
    const ben = await someone();
    const context = aRun(ben);
    const input = { variantId: shop.variant.id, quantity: 2 };
    const lines = [{ quantity: 2 }];
    for (let run = 0; run < 2; run++)
      expect(await world.service.get(ChangeLine).add(input, context)).toMatchObject({ lines });
  });

  test('is nobody else\u2019s to see or place', async () => {
    const [ben, cleo] = [await someone(), await someone()];
    const cart = await world.fill(ben, shop.variant.id);
    expect(await world.as(ben, CartsByIds, { ids: [cart.id] })).toHaveLength(1);
    expect(await world.as(cleo, CartsByIds, { ids: [cart.id] })).toEqual([]);
    expect(await world.place(cleo, cart.id)).toMatchObject({ code: 'NOT_FOUND', type: 'Cart' });
    expect(await world.place(ben, typeIds.next('cart'))).toMatchObject({ code: 'NOT_FOUND' });
    await expect(world.as(null, CartsOfCaller, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('placing a cart', () => {
  test('empties it, and an empty one is refused', async () => {
    const ben = await someone();
    const order = await world.buy(ben, shop, { quantity: 2 });
    expect(order).toMatchObject({ lines: [{ title: 'Desk lamp', quantity: 2, lineTotal: eur(9800) }] });
    expect(await world.as(ben, CartsOfCaller, {})).toEqual([]);
    const cart = await world.as(ben, SetCartLine, { variantId: shop.variant.id, quantity: 0 });
    if (cart.__typename !== 'Cart') throw new Error(cart.__typename);
    expect(await world.place(ben, cart.id)).toMatchObject({ code: 'EMPTY_CART' });
  });

  test('at another price than quoted is refused once, and shows the new price', async () => {
    const ben = await someone();
    const { id: variantId } = world.variant(shop.merchantId, 5, 1000);
    const cart = await world.fill(ben, variantId, 3);
    world.setPrice(variantId, 1200);
    const refused = await world.place(ben, cart.id);
    expect(refused).toMatchObject({ code: 'PRICE_CHANGED', variantId, quoted: eur(1000), current: eur(1200) });
    expect(await world.as(ben, CartsOfCaller, {})).toMatchObject([{ subtotal: eur(3600) }]);
    expect(await world.place(ben, cart.id)).toMatchObject({ __typename: 'Order', total: eur(3600) });
  });

  test('of what is gone or not for sale any more is refused', async () => {
    const ben = await someone();
    const { id: variantId } = world.variant(shop.merchantId, 5);
    const cart = await world.fill(ben, variantId, 3);
    world.catalog.stock(variantId, 2);
    const refused = { code: 'OUT_OF_STOCK', variantId, requested: 3 };
    expect(await world.place(ben, cart.id)).toMatchObject({ ...refused, available: 2 });
    world.catalog.variants.delete(variantId);
    expect(await world.place(ben, cart.id)).toMatchObject({ ...refused, available: 0 });
    expect(await world.as(ben, SetCartLine, { variantId, quantity: 0 })).toMatchObject({ lines: [] });
  });

  test('with bad input names what is wrong', async () => {
    const ben = await someone();
    const cart = await world.fill(ben, shop.variant.id);
    const shippingAddress = { ...ADDRESS, name: ' ', country: 'Germany' };
    const refused = await world.place(ben, cart.id, { shippingAddress, paymentToken: '' });
    if (refused.__typename !== 'InvalidInput') throw new Error(refused.__typename);
    const paths = refused.fields.map(({ path }) => path.join('.'));
    expect(paths.toSorted()).toEqual(['paymentToken', 'shippingAddress.country', 'shippingAddress.name']);
  });

  test('under one key at the same moment makes one order, under another body none', async () => {
    const ben = await someone();
    const cart = await world.fill(ben, shop.variant.id);
    const clientMutationKey = 'place';
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => world.place(ben, cart.id, { clientMutationKey, waitFor: 'CONFIRMED' })),
    );
    expect(new Set(answers.map((answer) => (answer.__typename === 'Order' ? answer.id : answer.code))).size).toBe(1);
    const other = await world.place(ben, cart.id, { clientMutationKey, paymentToken: 'tok_decline' });
    expect(other).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('from several devices at the same moment makes one order', async () => {
    const ben = await someone();
    const cart = await world.fill(ben, shop.variant.id, 2);
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.place(ben, cart.id)));
    const placed = answers.filter((answer) => answer.__typename === 'Order');
    expect(placed).toHaveLength(1);
    for (const answer of answers) if (answer !== placed[0]) expect(answer).toMatchObject({ code: 'EMPTY_CART' });
    expect(await world.as(ben, CartsOfCaller, {})).toEqual([]);
  });

  test('that became an order of somebody who died before emptying it, finds it empty', async () => {
    const ben = await someone();
    const orders = world.service.get(OrderRepository);
    const before = await orders.find((await world.buy(ben, shop)).id);
    const cart = await world.fill(ben, shop.variant.id);
    if (!before) throw new Error('it is not stored');
    const { number, cartGeneration } = before.state;
    const orphan = { ...before.state, number: `${number}X`, cartGeneration: cartGeneration + 1 };
    await orders.insert(typeIds.next('order'), orphan, []);
    expect(await world.place(ben, cart.id)).toMatchObject({ code: 'EMPTY_CART' });
  });

  test('finds another number when its own is taken', async () => {
    const ben = await someone();
    const neighbour: OrderView = await world.buy(ben, shop);
    const orders = world.service.get(OrderRepository);
    const stored = await orders.find(neighbour.id);
    if (!stored) throw new Error('it is not stored');
    const cart = await world.fill(ben, shop.variant.id);
    const context = aRun(ben);
    const id = context.newId('order');
    const taken = { ...stored.state, number: orderNumber(id, 0), cartGeneration: 99 };
    await orders.insert(typeIds.next('order'), taken, []);
    const input = { clientMutationKey: 'k', cartId: cart.id, shippingAddress: ADDRESS, paymentToken: 'tok_approve' };
    const placed = await world.service.get(PlaceOrderHandler).run(PlaceOrder.input.parse(input), context);
    expect(placed).toMatchObject({ id, number: orderNumber(id, 1) });
  });

  test('is found by a command that is run again after a crash, its cart empty by then', async () => {
    const ben = await someone();
    const cart = await world.fill(ben, shop.variant.id);
    const input = { clientMutationKey: 'k', cartId: cart.id, shippingAddress: ADDRESS, paymentToken: 'tok_approve' };
    const first = aRun(ben, true);
    const run = (context: OperationContext) =>
      world.service.get(PlaceOrderHandler).run(PlaceOrder.input.parse(input), context);
    const placed = await run(first);
    const { commandId, at, caller, deadlineAt } = first;
    const again = await run(new OperationContext({ commandId, at, caller, deadlineAt, isFirstRun: false }));
    expect(placed).toMatchObject({ id: first.newId('order') });
    expect(again).toMatchObject({ id: first.newId('order'), state: expect.any(String) });
    expect(await world.as(ben, CartsOfCaller, {})).toEqual([]);
  });
});

describe('while the catalog can not be asked', () => {
  test('its copy from events answers, whatever order they came in', async () => {
    const ben = await someone();
    const variant = world.variant(shop.merchantId, 4, 3000);
    const { id: variantId, productId } = variant;
    const retired = typeIds.next('variant');
    const product = (amountMinor: number, ...variantIds: string[]) => ({
      ...ProductCreated.example,
      productId,
      merchantId: shop.merchantId,
      title: 'Lamp',
      variants: variantIds.map((id) => {
        return { variantId: id, options: [{ name: 'Size', value: 'L' }], price: eur(amountMinor), priceVersion: 1 };
      }),
    });
    const level = { variantId, productId, merchantId: shop.merchantId, onHand: 4, reserved: 0, available: 4 };
    const { events } = world.catalog;
    await events.publish(ProductChanged, product(5000, variantId, retired), { subject: productId, version: 2 });
    await events.publish(ProductChanged, product(3000, variantId), { subject: productId, version: 3 });
    await events.publish(ProductCreated, product(9999, variantId, retired), { subject: productId, version: 1 });
    await events.publish(StockSet, level, { subject: variantId, version: 3 });
    await events.publish(StockSet, { ...level, available: 0 }, { subject: variantId, version: 2 });
    await events.untilRead('order.catalog', [ProductCreated, StockSet]);

    world.catalog.isDown = true;
    const add = (quantity: number) => world.as(ben, AddToCart, { variantId, quantity });
    expect(await world.as(ben, AddToCart, { variantId: retired, quantity: 1 })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await add(5)).toMatchObject({ code: 'OUT_OF_STOCK', available: 4 });
    expect(await add(1)).toMatchObject({ lines: [{ quotedPrice: eur(3000) }] });
    const [cart] = await world.as(ben, CartsOfCaller, {});
    const order = await world.place(ben, cart?.id ?? '', { waitFor: 'CONFIRMED', waitMs: 30_000 });
    expect(order).toMatchObject({ state: 'CONFIRMED', lines: [{ title: 'Lamp (L)' }] });
    expect(await world.as(ben, AddToCart, { variantId: shop.variant.id, quantity: 1 })).toMatchObject({
      code: 'NOT_FOUND',
    });
    world.catalog.isDown = false;
  });
});

test('every query about carts is answered by an index', async () => {
  const name = databaseName(world.servers.namespace, 'order');
  const connection = await connectDatabase({ uri: world.servers.mongodbUri, name });
  await eventually(() => expect(world.queries.size).toBeGreaterThan(5));
  await world.queries.explainAll(connection);
  await connection.close();
});
