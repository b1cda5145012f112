import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { signUp, type Person } from './support/people.js';
import { ADDRESS, buy, fillCart, list, openShop, placeOrder, type Listed, type Shop } from './support/shop.js';
import { OneProcess } from './support/system.js';

const LONG = { timeoutMs: 45_000, intervalMs: 100 };
const NOBODY = '01m84gm0f0f25a4d8x22mf2yaw';

let system: OneProcess;
let shop: Shop;
let lamp: Listed;
let ben: Person;
let eve: Person;

beforeAll(async () => {
  system = await OneProcess.start();
  const ana = await signUp(system.api, 'Ana');
  [ben, eve] = (await Promise.all(['Ben', 'Eve'].map((name) => signUp(system.api, name)))) as [Person, Person];
  shop = await openShop(ana);
  lamp = await list(shop, 'Desk lamp', 50);
  await eventually(async () => expect(await fillCart(ben, lamp.variantId)).toBeDefined(), LONG);
}, 150_000);

afterAll(() => system?.stop(), 60_000);

const codesOf = async (person: Person, query: string, variables: Record<string, unknown> = {}): Promise<unknown[]> =>
  (await person.api.send(query, variables)).errors.map(({ extensions }) => extensions?.code);

describe('ids', () => {
  test('of nothing give null, or NOT_FOUND where something was to be done', async () => {
    const query = `{
      node(id: "product_${NOBODY}") { id } product(id: "product_${NOBODY}") { id } order(id: "order_${NOBODY}") { id }
      post(id: "post_${NOBODY}") { id } merchant(handle: "nobody") { id } shareLink(code: "nothing") { id }
    }`;
    const missing = [
      ben.api.run('follow', { profileId: `profile_${NOBODY}` }, ''),
      ben.api.run('addToCart', { variantId: `variant_${NOBODY}` }, ''),
      ben.api.run('cancelOrder', { id: `order_${NOBODY}` }, ''),
      ben.api.run('createShareLink', { productId: `product_${NOBODY}` }, ''),
      ben.api.run('writeReview', { orderLineId: `line_${NOBODY}`, stars: 5 }, ''),
      ben.api.run('comment', { postId: `post_${NOBODY}`, text: 'hm' }, ''),
      placeOrder(ben, { cartId: `cart_${NOBODY}` }),
    ];

    const { data, errors } = await ben.api.send<Record<string, unknown>>(query);

    expect(errors).toEqual([]);
    expect(Object.values(data ?? {})).toEqual([null, null, null, null, null, null]);
    for (const result of await Promise.all(missing)) expect(result.code).toBe('NOT_FOUND');
  });

  test.each(['', 'x', 'product_', 'order_zzz', '💡', '../../etc', 'null'])('of no kind (%j) give null', async (id) => {
    const { data } = await ben.api.send('query($id: ID!) { node(id: $id) { id } }', { id });
    expect(data).toEqual({ node: null });
  });
});

describe("another's things", () => {
  test("cannot be changed: a shop's products, stock and orders, a buyer's cart and orders", async () => {
    const order = await buy(ben, lamp.variantId);
    const cart = await fillCart(ben, lamp.variantId);
    const price = { amountMinor: 1, currency: 'EUR' };
    const tries = [
      eve.api.run('createProduct', { merchantId: shop.merchantId, title: 'Mine', variants: [{ price }] }, ''),
      eve.api.run('updateProduct', { id: lamp.productId, title: 'Mine' }, ''),
      eve.api.run('updateVariant', { id: lamp.variantId, price }, ''),
      eve.api.run('setStock', { variantId: lamp.variantId, onHand: 0 }, ''),
      eve.api.run('shipOrder', { id: order.id }, ''),
      eve.api.run('cancelOrder', { id: order.id }, ''),
      placeOrder(eve, { cartId: cart ?? '' }),
      ben.api.run('shipOrder', { id: order.id }, ''),
    ];
    const refusals = await Promise.all(
      tries.map((attempt) =>
        attempt.then(
          ({ __typename }) => __typename,
          ({ message }: Error) => message,
        ),
      ),
    );
    const seen = await eve.api.send('query($id: ID!) { order(id: $id) { id } }', { id: order.id });
    const orders = 'query($id: ID!) { merchant(id: $id) { orders { nodes { id } } } }';

    for (const refusal of refusals) expect(refusal).toMatch(/^NotFound$|"FORBIDDEN"/);
    expect(seen.data).toEqual({ order: null });
    expect(await codesOf(eve, orders, { id: shop.merchantId })).toEqual(['FORBIDDEN']);
    const after = await ben.api.ask('query($id: ID!) { product(id: $id) { title } }', { id: lamp.productId });
    expect(after).toEqual({ product: { title: 'Desk lamp' } });
  });

  test('cannot be seen without a token, nor with a forged one', async () => {
    const forged = { ...ben, api: system.api.as(`${ben.api.token?.slice(0, -6)}forged`) };
    const nobody = { ...ben, api: system.api };

    expect(await codesOf(forged, '{ viewer { id } }')).toEqual(['UNAUTHENTICATED']);
    expect(await codesOf(nobody, '{ orders { nodes { id } } }')).toEqual(['UNAUTHENTICATED']);
  });
});

describe('values', () => {
  const add = `mutation($n: Int!) { addToCart(input: { variantId: "VARIANT", quantity: $n }) {
    __typename ... on InvalidInput { code fields { path problem } } } }`;
  const query = (): string => add.replace('VARIANT', lamp.variantId);

  test('a negative quantity is INVALID_INPUT with its path', async () => {
    const { addToCart } = await ben.api.ask<{ addToCart: unknown }>(query(), { n: -1 });
    expect(addToCart).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['quantity'] }] });
  });

  test.each([1.5, '1', null, 2 ** 40])('quantity %j is BAD_USER_INPUT', async (n) => {
    expect(await codesOf(ben, query(), { n })).toEqual(['BAD_USER_INPUT']);
  });

  test('a product without a price, or of another currency, is refused', async () => {
    const input = { merchantId: shop.merchantId, title: 'Free' };
    const create = `mutation($input: CreateProductInput!) { createProduct(input: $input) { __typename } }`;
    const { owner } = shop;

    expect(await codesOf(owner, create, { input: { ...input, variants: [{ onHand: 1 }] } })).toEqual([
      'BAD_USER_INPUT',
    ]);
    const foreign = { ...input, variants: [{ price: { amountMinor: 100, currency: 'USD' } }] };
    expect((await owner.api.run('createProduct', foreign, '')).code).toBe('INVALID_INPUT');
    const negative = { ...input, variants: [{ price: { amountMinor: -1, currency: 'EUR' } }] };
    expect((await owner.api.run('createProduct', negative, '')).code).toBe('INVALID_INPUT');
  });

  test.each([
    'Ω≈ç√ ½ ﷽ 社交電商 한국어 עברית العربية',
    '👩‍👩‍👧‍👦🏳️‍🌈💡 e\u0301 \u202Eright to left\u202C',
    "Robert'); DROP TABLE orders;-- <script>alert(1)</script> {{7*7}} ${x} $where",
    'Zalgo ṫ̷̢̛̫̗́͒ \u{10FFFF}',
  ])('text comes back as it was written: %s', async (text) => {
    const post = await ben.api.run<{ id: string }>('createPost', { text }, '... on Post { id }');
    const found = await eve.api.ask('query($id: ID!) { post(id: $id) { text } }', { id: post.id });
    expect(found).toEqual({ post: { text } });
  });

  test('the same key with another body is a conflict, with the same one it gives the first result', async () => {
    const cartId = await fillCart(ben, lamp.variantId);
    const key = { clientMutationKey: `key-${Date.now()}`, cartId: cartId ?? '' };
    const first = await placeOrder(ben, key);
    const again = await placeOrder(ben, key);
    const other = await ben.api.run(
      'placeOrder',
      { ...key, paymentToken: 'tok_decline', shippingAddress: ADDRESS },
      '... on Order { id }',
    );

    expect(again.id).toBe(first.id);
    expect(other.code).toBe('IDEMPOTENCY_CONFLICT');
  });
});

describe('requests', () => {
  test('a body of 10 MB is refused', async () => {
    const { status, errors } = await ben.api.send('{ viewer { id } }', { text: 'x'.repeat(10 * 1024 * 1024) });
    expect({ status, code: errors[0]?.extensions?.code }).toEqual({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
  });

  test('a query 10,000 levels deep is refused', async () => {
    const deep = `{ viewer ${'{ profile { posts { nodes { author '.repeat(2_500)}{ id }${' } } } }'.repeat(2_500)} }`;
    const [code] = await codesOf(ben, deep);
    expect(['OPERATION_TOO_COMPLEX', 'GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED']).toContain(code);
  });

  test('no answer carries a stack trace or the text of an inner error', async () => {
    const broken = await fetch(`${system.api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query": ',
    });
    const text = await broken.text();
    expect(broken.status).toBe(400);
    expect(text).not.toMatch(/ at .*\.js|node_modules|stack/i);
  });

  test('after all that it still sells', async () => {
    expect(await buy(ben, lamp.variantId)).toMatchObject({ state: 'CONFIRMED' });
  });
});
