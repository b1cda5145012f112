import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServiceName } from '#contracts';
import { id } from './builders.js';
import type { FakeServices } from './fake-services.js';
import { storyServices } from './story-services.js';
import { aGateway, type TestGateway } from './test-gateway.js';
import { tokenOf } from './tokens.js';

const FEED = `query Feed($first: Int) { homeFeed(first: $first) { edges { cursor node { reason post {
  id text author { handle } reactions { kind count }
  productTags { product { title priceFrom { amountMinor } rating { count } merchant { name record { averageStars } } }
    variant { available price { amountMinor currency } } } } } } pageInfo { hasNextPage endCursor } } }`;
const PAGE = `query Page($order: ID!) {
  viewer { name }
  homeFeed(first: 2) { nodes { post { text author { handle } productTags { product { title rating { count } } } } } }
  products(first: 2) { nodes { title merchant { name record { averageStars } } rating { score } } }
  order(id: $order) { state merchant { name } buyer { handle } lines { title variant { available } review { stars } } }
}`;

const REPUTATIONS = [
  'homeFeed.nodes.0.post.productTags.0.product.rating',
  'order.lines.0.review',
  'products.nodes.0.merchant.record',
  'products.nodes.0.rating',
];

let services: FakeServices;
let gateway: TestGateway;
let ben: string;
beforeEach(async () => {
  services = storyServices();
  gateway = await aGateway(services);
  ben = await tokenOf('ben');
});
afterEach(() => gateway.close());

describe('a page of the home feed', () => {
  test('costs one call for each kind of thing, however many posts it has', async () => {
    const { body } = await gateway.post(FEED, { first: 20 }, ben);

    expect(body.errors).toBeUndefined();
    expect(services.counts).toEqual({
      'social-feed.homeFeed': 1,
      'social-feed.profilesByIds': 1,
      'catalog.productsByIds': 1,
      'catalog.variantsByIds': 1,
      'catalog.merchantsByIds': 1,
      'reputation.ratingsOfProducts': 1,
      'reputation.merchantRecords': 1,
    });
  });

  test('asks in the name of the viewer', async () => {
    await gateway.post(FEED, { first: 1 }, ben);

    expect(new Set(services.calls.map(({ token }) => token))).toEqual(new Set([ben]));
  });

  test('is null with UNAUTHENTICATED for somebody who is not signed in', async () => {
    const { status, body } = await gateway.post(FEED);

    expect(status).toBe(200);
    expect(body.data).toEqual({ homeFeed: null });
    expect(body.errors).toMatchObject([{ path: ['homeFeed'], extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test.each([[0], [-1], [101]])('of %d entries is BAD_USER_INPUT', async (first) => {
    const { body } = await gateway.post(FEED, { first }, ben);

    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('a page with one service away', () => {
  const cases: [ServiceName, 'stop' | 'hang', string[]][] = [
    ['identity', 'stop', ['viewer']],
    ['catalog', 'stop', ['homeFeed.nodes.0.post.productTags.0.product', 'order.merchant', 'products']],
    ['order', 'stop', ['order']],
    ['social-feed', 'stop', ['homeFeed', 'order.buyer']],
    ['reputation', 'stop', REPUTATIONS],
    ['identity', 'hang', ['viewer']],
    ['catalog', 'hang', ['homeFeed.nodes.0.post.productTags.0.product', 'order.merchant', 'products']],
    ['order', 'hang', ['order']],
    ['social-feed', 'hang', ['homeFeed', 'order.buyer']],
    ['reputation', 'hang', REPUTATIONS],
  ];

  test.each(cases)(
    '%s (%s): its fields are null with SERVICE_UNAVAILABLE, the rest is there',
    async (service, how, lost) => {
      services[how](service);

      const { status, body } = await gateway.post(PAGE, { order: id('order', 'lamp') }, ben);

      expect(status).toBe(200);
      const paths = body.errors?.map(({ path }) => path?.join('.'));
      expect(paths).toEqual(expect.arrayContaining(lost));
      expect(new Set(body.errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['SERVICE_UNAVAILABLE']));
      const whole = await wholePage(ben);
      for (const field of ['viewer', 'homeFeed', 'products', 'order']) {
        if (!lost.some((path) => path.startsWith(field))) expect(body.data?.[field]).toEqual(whole[field]);
        else if (!lost.includes(field)) expect(body.data?.[field]).not.toBeNull();
      }
    },
  );
});

describe('node', () => {
  test.each([
    ['merchant', 'ana', 'Merchant'],
    ['product', 'lamp', 'Product'],
    ['variant', 'lamp', 'Variant'],
    ['profile', 'cleo', 'Profile'],
    ['order', 'lamp', 'Order'],
    ['account', 'ben', 'Viewer'],
  ] as const)('finds a %s by its id', async (prefix, name, type) => {
    const { body } = await gateway.post(
      'query N($id: ID!) { node(id: $id) { __typename id } }',
      { id: id(prefix, name) },
      ben,
    );

    expect(body).toEqual({ data: { node: { __typename: type, id: id(prefix, name) } } });
  });

  test.each([
    'nothing',
    'order_',
    'order_01',
    '',
    '💡_01m84gm0f0f25a4d8x22mf2yaw',
    id('order', 'lamp'),
    id('account', 'ben'),
  ])('of «%s» is null for somebody who is not signed in', async (unknown) => {
    const { body } = await gateway.post('query N($id: ID!) { node(id: $id) { id } }', { id: unknown });

    expect(body).toEqual({ data: { node: null } });
  });

  test('gives nobody another account', async () => {
    const { body } = await gateway.post(
      'query N($id: ID!) { node(id: $id) { id } }',
      { id: id('account', 'cleo') },
      ben,
    );

    expect(body).toEqual({ data: { node: null } });
  });
});

describe('lists', () => {
  test('are Relay connections', async () => {
    const query = `query P($after: String) { products(first: 2, after: $after) {
      totalCount edges { cursor node { title } } nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const { body } = await gateway.post(query, { after: 'cursor-1' });

    expect(body.data?.['products']).toEqual({
      totalCount: 21,
      edges: [
        { cursor: 'cursor-0', node: { title: 'lamp-0' } },
        { cursor: 'cursor-1', node: { title: 'lamp-1' } },
      ],
      nodes: [{ title: 'lamp-0' }, { title: 'lamp-1' }],
      pageInfo: { hasNextPage: true, hasPreviousPage: true, startCursor: 'cursor-0', endCursor: 'cursor-1' },
    });
  });

  test.each(['forged', 'x'.repeat(401)])('refuse the cursor «%s»', async (after) => {
    const { body } = await gateway.post('query P($after: String) { products(after: $after) { totalCount } }', {
      after,
    });

    expect(body.errors).toMatchObject([{ path: ['products'], extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

/** What the page says while every service answers. */
async function wholePage(ben: string): Promise<Record<string, unknown>> {
  const other = await aGateway(storyServices());
  const { body } = await other.post(PAGE, { order: id('order', 'lamp') }, ben);
  await other.close();
  expect(body.errors).toBeUndefined();
  return body.data ?? {};
}
