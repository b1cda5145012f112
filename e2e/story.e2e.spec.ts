import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { captureEvents, eventually, type CapturedEvents } from '#testing';
import { booksOf } from './support/books.js';
import type { LiveAnswers } from './support/api.js';
import { signUp, type Person } from './support/people.js';
import {
  availableOf,
  buy,
  change,
  fillCart,
  list,
  openShop,
  orderOf,
  placeOrder,
  type Listed,
  type Shop,
} from './support/shop.js';
import { OneProcess, Split, STOREFRONT_URL, type System } from './support/system.js';

const LONG = { timeoutMs: 45_000, intervalMs: 100 };
const STARTS_WITHIN_MS = 150_000;

const SHAPES: Readonly<Record<string, () => Promise<System>>> = {
  'in one process': () => OneProcess.start(),
  'with a process for each service': () => Split.start(),
};

const FEED = `{
  homeFeed { nodes { reason post { text author { handle } productTags {
    variant { available price { amountMinor currency } } product { title rating { average count } }
  } } } }
}`;
interface Feed {
  readonly homeFeed: {
    readonly nodes: readonly {
      readonly reason: string;
      readonly post: {
        readonly text: string;
        readonly productTags: readonly {
          readonly variant: { available: number; price: { amountMinor: number; currency: string } } | null;
          readonly product: { title: string; rating: { average: number | null; count: number } | null } | null;
        }[];
      };
    }[];
  };
}
const SHARE_LINK = 'query($code: String!) { shareLink(code: $code) { clicks orders } }';
const VARIANT_UPDATED = 'subscription($ids: [ID!]!) { variantUpdated(productIds: $ids) { id available } }';

describe.each(Object.keys(SHAPES))('the story %s', (shape) => {
  let system: System;
  let events: CapturedEvents;
  let ana: Person;
  let ben: Person;
  let cleo: Person;
  let dora: Person;
  let shop: Shop;
  let lamp: Listed;
  let live: LiveAnswers<{ variantUpdated: { available: number } }>;
  let code: string;
  let order: string;

  beforeAll(async () => {
    system = await SHAPES[shape]!();
    events = await captureEvents(system.servers);
    [ana, ben, cleo, dora] = (await Promise.all(
      ['Ana', 'Ben', 'Cleo', 'Dora'].map((name) => signUp(system.api, name)),
    )) as [Person, Person, Person, Person];
    shop = await openShop(ana);
    lamp = await list(shop, 'Desk lamp', 3);
  }, STARTS_WITHIN_MS);

  afterAll(async () => {
    await live?.end();
    await events?.close();
    await system?.stop();
  }, 60_000);

  test('Ben finds Cleo by name and follows her', async () => {
    const query = 'query($q: String!) { profiles(query: $q) { nodes { id } } }';
    await eventually(async () => {
      const found = await ben.api.ask<{ profiles: { nodes: { id: string }[] } }>(query, { q: cleo.name });
      expect(found.profiles.nodes.map(({ id }) => id)).toContain(cleo.profileId);
    }, LONG);

    const followed = await ben.api.run('follow', { profileId: cleo.profileId }, '... on Profile { viewerFollows }');

    expect(followed).toMatchObject({ __typename: 'Profile', viewerFollows: true });
  });

  test('Cleo posts the lamp, and Ben finds the post in his feed with live price and availability', async () => {
    const text = 'Light of my evenings';
    const productTags = [{ productId: lamp.productId, variantId: lamp.variantId }];
    const post = await eventually(async () => {
      const result = await cleo.api.run<{ id: string }>('createPost', { text, productTags }, '... on Post { id }');
      expect(result.__typename).toBe('Post');
      return result;
    }, LONG);
    const fields = '... on ShareLink { code url }';
    const input = { productId: lamp.productId, postId: post.id };
    const link = await cleo.api.run<{ code: string; url: string }>('createShareLink', input, fields);
    code = link.code;

    await eventually(async () => {
      const { homeFeed } = await ben.api.ask<Feed>(FEED);
      expect(homeFeed.nodes[0]).toMatchObject({
        reason: 'FOLLOWING',
        post: {
          text,
          author: { handle: cleo.handle },
          productTags: [
            {
              variant: { available: 3, price: { amountMinor: 4900, currency: 'EUR' } },
              product: { title: 'Desk lamp', rating: { average: null, count: 0 } },
            },
          ],
        },
      });
    }, LONG);
    expect(link.url).toBe(`${system.api.url}/s/${code}`);
  });

  test('the share link counts the click and leads to the shop; an unknown code leads nowhere', async () => {
    const opened = await fetch(`${system.api.url}/s/${code}`, { redirect: 'manual' });
    const unknown = await fetch(`${system.api.url}/s/nobodysCode`, { redirect: 'manual' });

    expect(opened.status).toBe(302);
    expect(opened.headers.get('location')).toBe(`${STOREFRONT_URL}/products/${lamp.productId}?ref=${code}`);
    expect(unknown.status).toBe(404);
  });

  test('Ben buys: the order goes through every state by events, and who watches sees the availability', async () => {
    live = system.api.subscribe(VARIANT_UPDATED, { ids: [lamp.productId] });
    expect((await live.next()).variantUpdated.available).toBe(3);

    const placed = await buy(ben, lamp.variantId, { shareCode: code });
    order = placed.id;

    expect(placed).toMatchObject({ __typename: 'Order', state: 'CONFIRMED', payment: { state: 'CAPTURED' } });
    expect(placed.history.map(({ state }) => state)).toEqual(['PENDING', 'RESERVED', 'PAID', 'CONFIRMED']);
    expect((await live.next()).variantUpdated.available).toBe(2);
    expect(await availableOf(ben, lamp.variantId)).toBe(2);
  });

  test('Ana ships and delivers', async () => {
    expect(await change(ana, 'shipOrder', order)).toMatchObject({ state: 'SHIPPED' });
    expect(await change(ana, 'deliverOrder', order)).toMatchObject({ state: 'DELIVERED' });
    expect(await orderOf(ben, order)).toMatchObject({ state: 'DELIVERED' });
  });

  test('Ben reviews, and the rating, the record and the card in the feed show it', async () => {
    const lines = 'query($id: ID!) { order(id: $id) { lines { id } } }';
    const { order: found } = await ben.api.ask<{ order: { lines: { id: string }[] } }>(lines, { id: order });
    const input = { orderLineId: found.lines[0]?.id, stars: 5, text: 'Warm light 💡' };
    const review = await ben.api.run('writeReview', input, '... on Review { stars verifiedPurchase }');
    expect(review).toMatchObject({ __typename: 'Review', stars: 5, verifiedPurchase: true });

    await eventually(async () => {
      const page = `query($id: ID!) { product(id: $id) {
        rating { average count distribution } reviews { nodes { text author { handle } } }
        merchant { record { ordersDelivered reviewCount averageStars } }
      } }`;
      const { product } = await ben.api.ask<{ product: unknown }>(page, { id: lamp.productId });
      expect(product).toEqual({
        rating: { average: 5, count: 1, distribution: [0, 0, 0, 0, 1] },
        reviews: { nodes: [{ text: 'Warm light 💡', author: { handle: ben.handle } }] },
        merchant: { record: { ordersDelivered: 1, reviewCount: 1, averageStars: 5 } },
      });
      const { homeFeed } = await ben.api.ask<Feed>(FEED);
      expect(homeFeed.nodes[0]?.post.productTags[0]?.product?.rating).toEqual({ average: 5, count: 1 });
    }, LONG);
  });

  test("Cleo's link shows one click and one order", async () => {
    await eventually(async () => {
      const { shareLink } = await cleo.api.ask<{ shareLink: unknown }>(SHARE_LINK, { code });
      expect(shareLink).toEqual({ clicks: 1, orders: 1 });
    }, LONG);
  });

  test('two more take the rest, the next is told so, and nothing was charged to him', async () => {
    const late = await signUp(system.api, 'Late');
    const cartId = await fillCart(late, lamp.variantId);
    expect(cartId).toBeDefined();
    await buy(cleo, lamp.variantId);
    await buy(dora, lamp.variantId);

    const told = await placeOrder(late, { cartId: cartId ?? '', waitFor: 'CONFIRMED', waitMs: 30_000 });
    const books = await booksOf(system.sandboxUrl);

    expect([told.code, told.cancellation?.code]).toContain('OUT_OF_STOCK');
    if (told.id) expect(books.get(told.id)?.captures ?? 0).toBe(0);
    const captures = [...books.values()].map((booked) => booked.captures).filter((count) => count > 0);
    expect(captures).toEqual([1, 1, 1]);
    await eventually(async () => expect(await fillCart(late, lamp.variantId)).toBeUndefined(), LONG);
  });

  test('a confirmed order is cancelled before shipping: refunded, and the piece is back', async () => {
    const { orders } = await cleo.api.ask<{ orders: { nodes: { id: string }[] } }>('{ orders { nodes { id } } }');
    const id = orders.nodes[0]?.id ?? '';

    expect(await change(cleo, 'cancelOrder', id)).toMatchObject({ __typename: 'Order' });

    await eventually(async () => {
      expect(await orderOf(cleo, id)).toMatchObject({
        state: 'CANCELLED',
        payment: { state: 'REFUNDED' },
        cancellation: { code: 'BUYER' },
      });
      expect(await availableOf(cleo, lamp.variantId)).toBe(1);
    }, LONG);
    expect((await booksOf(system.sandboxUrl)).get(id)).toMatchObject({ captures: 1, refunds: 1 });
  });

  test('all of it can be read from the topic: each version once, in order', async () => {
    await eventually(() => {
      const told = events.all.filter(({ subject }) => subject === order);
      const first = told.filter(({ id }, index) => told.findIndex((event) => event.id === id) === index);
      // A slow provider makes the payment uncertain for a while, which is told too.
      const states = first.map(({ type }) => type).filter((type) => type !== 'order.payment-changed');
      expect(states).toEqual([
        'order.placed',
        'order.reserved',
        'order.paid',
        'order.confirmed',
        'order.shipped',
        'order.delivered',
      ]);
      expect(first.map(({ version }) => version)).toEqual(first.map((_, index) => index + 1));
    }, LONG);
  });
});
