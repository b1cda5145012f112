import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CreateShareLink,
  OrderConfirmed,
  RecordClick,
  ShareLinkByCode,
  ShareLinkClicked,
  ShareLinkOrdered,
  ShareLinksByIds,
  ShareLinksOfCaller,
  typeIds,
  type ShareLinkView,
} from '#contracts';
import { eventually, type SignedIn } from '#testing';
import { SocialFeedWorld } from './social-feed.world.js';

let world: SocialFeedWorld;
let cleo: SignedIn;
beforeAll(async () => {
  world = await SocialFeedWorld.start();
  const [person] = await world.people('Cleo');
  if (!person) throw new Error('nobody');
  cleo = person;
});
afterAll(async () => {
  await world?.stop();
});

async function share(owner: SignedIn, productId: string, postId?: string): Promise<ShareLinkView> {
  const link = await world.as(owner, CreateShareLink, { productId, postId });
  if (link.__typename !== 'ShareLink') throw new Error(JSON.stringify(link));
  return link;
}
const newLink = () => share(cleo, world.catalog.list().productId);
const linkOf = (code: string) => world.as(null, ShareLinkByCode, { code });
const confirm = (shareCode: string | null, orderId = typeIds.next('order')) =>
  world.events.publish(
    OrderConfirmed,
    { ...OrderConfirmed.example, orderId, shareCode },
    { subject: orderId, version: 4 },
  );

describe('a share link', () => {
  test('is one for each person, product and post', async () => {
    const { productId } = world.catalog.list();
    const postId = await world.post(cleo, 'Look', { productTags: [{ productId }] });
    const links = await Promise.all([1, 2, 3].map(() => share(cleo, productId)));
    const fromPost = await share(cleo, productId, postId);
    const others = await share(await world.identity.signIn(), productId);
    expect(new Set(links.map(({ id }) => id)).size).toBe(1);
    expect(new Set([...links, fromPost, others].map(({ code }) => code)).size).toBe(3);
    expect(fromPost).toMatchObject({ ownerId: cleo.profileId, productId, postId, clicks: 0, orders: 0 });
    expect(await linkOf(others.code)).toMatchObject({ id: others.id });
    const own = await world.as(cleo, ShareLinksOfCaller, { first: 2 });
    expect(own.items.map(({ node }) => node.id)).toEqual([fromPost.id, links[0]?.id]);
    expect(await world.as(null, ShareLinksByIds, { ids: [others.id, 'link_none'] })).toHaveLength(1);
  });

  test('is made only for what is there', async () => {
    const { productId } = world.catalog.list();
    const unknown = { productId: typeIds.next('product') };
    expect(await world.as(cleo, CreateShareLink, unknown)).toMatchObject({ __typename: 'NotFound', type: 'Product' });
    const noPost = { productId, postId: typeIds.next('post') };
    expect(await world.as(cleo, CreateShareLink, noPost)).toMatchObject({ __typename: 'NotFound', type: 'Post' });
    expect(await linkOf('nosuchcode')).toBeNull();
    expect(await world.as(null, RecordClick, { code: 'nosuchcode' })).toBeNull();
  });

  test('counts 50 clicks at once exactly, and tells each', async () => {
    const captured = await world.capture(ShareLinkClicked);
    const { code, id } = await newLink();
    await Promise.all(Array.from({ length: 50 }, () => world.as(null, RecordClick, { code })));
    expect(await linkOf(code)).toMatchObject({ clicks: 50, orders: 0 });
    await eventually(() => {
      const told = captured.of(ShareLinkClicked).filter(({ data }) => data.linkId === id);
      expect(told.map(({ data }) => data.clicks)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    });
  });

  test('counts each confirmed order once, whatever comes again, and with the service restarted in between', async () => {
    const captured = await world.capture(ShareLinkOrdered);
    const { code, id } = await newLink();
    const events = await Promise.all(Array.from({ length: 12 }, () => confirm(code)));
    await Promise.all(events.map((event) => world.events.repeat(OrderConfirmed, event)));
    await eventually(async () => expect(await linkOf(code)).toMatchObject({ orders: 12 }));
    await world.restart();
    await Promise.all(events.map((event) => world.events.repeat(OrderConfirmed, event)));
    const last = await confirm(code);
    await world.events.untilRead('social-feed.share-links', [OrderConfirmed]);
    await eventually(async () => expect(await linkOf(code)).toMatchObject({ orders: 13 }), { timeoutMs: 30_000 });
    await eventually(() => {
      const told = captured.of(ShareLinkOrdered).filter(({ data }) => data.linkId === id);
      expect(told.map(({ data }) => data.orderId).toSorted()).toEqual(
        [...events, last].map(({ subject }) => subject).toSorted(),
      );
      expect(told.at(-1)?.data.orders).toBe(13);
    });
  });

  test('is not disturbed by orders without a code or with one that nobody made', async () => {
    const { code } = await newLink();
    await confirm(null);
    await confirm('made-up');
    await confirm(code);
    await eventually(async () => expect(await linkOf(code)).toMatchObject({ orders: 1 }));
  });
});

test('every query is answered by an index', async () => {
  await world.queries.explainAll(await world.connect());
});
