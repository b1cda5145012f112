import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Comment,
  CommentsByIds,
  CommentsOfPost,
  CreatePost,
  DeletePost,
  PostsByAuthor,
  PostsByIds,
  PostsByProduct,
  ProductCreated,
  React,
  ReactionRemoved,
  ReactionSet,
  typeIds,
  Unreact,
  type ProductSnapshot,
} from '#contracts';
import { eventually, type SignedIn } from '#testing';
import { SocialFeedWorld } from './social-feed.world.js';

let world: SocialFeedWorld;
let ana: SignedIn;
let ben: SignedIn;
beforeAll(async () => {
  world = await SocialFeedWorld.start();
  const [first, second] = await world.people('Ana', 'Ben');
  if (!first || !second) throw new Error('nobody');
  [ana, ben] = [first, second];
});
afterAll(async () => {
  await world?.stop();
});

const create = (input: Partial<Parameters<typeof CreatePost.input.parse>[0] & object>) =>
  world.as(ana, CreatePost, { text: '', productTags: [], media: [], ...input });
const view = async (id: string, viewer: SignedIn | null = null) =>
  (await world.as(viewer, PostsByIds, { ids: [id] }))[0];

describe('a post', () => {
  test('keeps its text as it was written, in every kind of Unicode', async () => {
    const text = '  Мой светильник 灯 مصباح 👩🏽‍🚀\u202E \u0000 é\n';
    expect(await view(await world.post(ana, text))).toMatchObject({ text, authorId: ana.profileId, commentCount: 0 });
  });

  test('needs 1 to 2,000 characters, or media', async () => {
    expect(await create({ text: ' \n' })).toMatchObject({ __typename: 'InvalidInput', fields: [{ path: ['text'] }] });
    expect(await create({ text: 'x'.repeat(2_001) })).toMatchObject({ __typename: 'InvalidInput' });
    const media = [{ url: 'https://example.org/lamp.jpg', kind: 'IMAGE' as const }];
    expect(await create({ media })).toMatchObject({ __typename: 'Post', text: '', media });
    expect(await create({ media: [{ url: 'file:///etc/passwd', kind: 'IMAGE' as const }] })).toMatchObject({
      __typename: 'InvalidInput',
    });
  });

  test('is published once for one client key, and another input under it is refused', async () => {
    const key = { clientMutationKey: 'once' };
    const posts = await Promise.all([1, 2, 3].map(() => create({ ...key, text: 'once' })));
    expect(new Set(posts.map((post) => ('id' in post ? post.id : '')))).toHaveProperty('size', 1);
    expect(await create({ ...key, text: 'other' })).toMatchObject({ __typename: 'IdempotencyConflict' });
  });

  test('is found under its author and the products it tags, newest first, until it is taken back', async () => {
    const { productId, variantId } = world.catalog.list();
    const older = await world.post(ben, 'older', { productTags: [{ productId }] });
    const newer = await world.post(ben, 'newer', { productTags: [{ productId, variantId }, { productId }] });
    const ids = async () => {
      const pages = [
        await world.as(null, PostsByProduct, { productId, first: 10 }),
        await world.as(null, PostsByAuthor, { profileId: ben.profileId, first: 10 }),
      ];
      return pages.map(({ items }) => items.map(({ node }) => node.id));
    };
    expect(await ids()).toEqual([
      [newer, older],
      [newer, older],
    ]);
    expect(await world.as(ana, DeletePost, { id: newer })).toMatchObject({ __typename: 'NotFound' });
    expect(await world.as(ben, DeletePost, { id: newer })).toEqual({ __typename: 'DeletedPost', id: newer });
    expect(await world.as(ben, DeletePost, { id: newer })).toMatchObject({ __typename: 'NotFound' });
    expect(await ids()).toEqual([[older], [older]]);
    expect(await view(newer)).toBeUndefined();
  });

  test('tags only what the catalog has', async () => {
    const { productId } = world.catalog.list();
    const missing = typeIds.next('product');
    expect(await create({ text: 'x', productTags: [{ productId }, { productId: missing }] })).toMatchObject({
      __typename: 'NotFound',
      type: 'Product',
      id: missing,
    });
    expect(await create({ text: 'x', productTags: [{ productId, variantId: 'variant_none' }] })).toMatchObject({
      __typename: 'NotFound',
      type: 'Variant',
    });
  });

  test('tags what is known of the catalog while it is down, and is not refused for what is unknown', async () => {
    const { productId, variantId, merchantId } = world.catalog.list();
    const other = world.catalog.list();
    const data: ProductSnapshot = { ...ProductCreated.example, productId, merchantId, status: 'ACTIVE' };
    const variants = data.variants.map((variant) => ({ ...variant, variantId }));
    await world.events.publish(ProductCreated, { ...data, variants }, { subject: productId });
    world.catalog.isDown = true;
    try {
      const tagged = await eventually(() => create({ text: 'down', productTags: [{ productId, variantId }] }));
      expect(tagged).toMatchObject({ __typename: 'Post' });
      const unknown = create({ text: 'down', productTags: [{ productId: other.productId }] });
      await expect(unknown).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    } finally {
      world.catalog.isDown = false;
    }
  });
});

describe('reactions', () => {
  test('are one for each person and post, replaced by the next, and taken back', async () => {
    const postId = await world.post(ana, 'React!');
    const liked = await world.as(ben, React, { postId, kind: 'LIKE' });
    expect(liked).toMatchObject({ reactions: [{ kind: 'LIKE', count: 1 }], viewerReaction: 'LIKE' });
    await world.as(ana, React, { postId, kind: 'LIKE' });
    const loved = await world.as(ben, React, { postId, kind: 'LOVE' });
    expect(loved).toMatchObject({
      reactions: [
        { kind: 'LIKE', count: 1 },
        { kind: 'LOVE', count: 1 },
      ],
      viewerReaction: 'LOVE',
    });
    const undone = await world.as(ben, Unreact, { postId });
    expect(undone).toMatchObject({ reactions: [{ kind: 'LIKE', count: 1 }], viewerReaction: null });
    expect(await view(postId, ana)).toMatchObject({ viewerReaction: 'LIKE' });
    expect(await world.as(ben, Unreact, { postId })).toMatchObject({ __typename: 'Post' });
    expect(await world.as(ben, React, { postId: 'post_none', kind: 'LIKE' })).toMatchObject({ __typename: 'NotFound' });
  });

  test('of 50 at once, several times each, are counted exactly, and so are their events', async () => {
    const captured = await world.capture(ReactionSet, ReactionRemoved);
    const postId = await world.post(ana, 'Popular');
    const people = await Promise.all(Array.from({ length: 50 }, () => world.identity.signIn()));
    await Promise.all(
      people.flatMap((person, index) => [
        world.as(person, React, { postId, kind: index % 2 ? 'LIKE' : 'WANT' }),
        world.as(person, React, { postId, kind: index % 2 ? 'LIKE' : 'WANT' }),
      ]),
    );
    expect((await view(postId))?.reactions).toEqual([
      { kind: 'LIKE', count: 25 },
      { kind: 'WANT', count: 25 },
    ]);
    await Promise.all(people.slice(0, 30).map((person) => world.as(person, Unreact, { postId })));
    expect((await view(postId))?.reactions.map(({ count }) => count)).toEqual([10, 10]);
    await eventually(() => {
      const set = captured.of(ReactionSet).filter(({ data }) => data.postId === postId);
      const removed = captured.of(ReactionRemoved).filter(({ data }) => data.postId === postId);
      expect([set.length, removed.length]).toEqual([50, 30]);
    });
  });

  test('stay counted when their events come again', async () => {
    const captured = await world.capture(ReactionSet);
    const postId = await world.post(ana, 'Again');
    await world.as(ben, React, { postId, kind: 'LOVE' });
    const event = await eventually(() => {
      const found = captured.of(ReactionSet).find(({ data }) => data.postId === postId);
      if (!found) throw new Error('not published yet');
      return found;
    });
    await world.restart();
    await world.events.repeat(ReactionSet, event);
    await world.events.untilRead('social-feed.engagement', [ReactionSet]);
    await world.as(ana, React, { postId, kind: 'LOVE' });
    expect((await view(postId))?.reactions).toEqual([{ kind: 'LOVE', count: 2 }]);
  });
});

describe('comments', () => {
  test('are listed oldest first and counted, and go out of sight with their post', async () => {
    const postId = await world.post(ana, 'Talk to me');
    const ids: string[] = [];
    for (const text of ['one', '二', 'три']) {
      const comment = await world.as(ben, Comment, { postId, text });
      if (comment.__typename === 'Comment') ids.push(comment.id);
    }
    expect((await view(postId))?.commentCount).toBe(3);
    const page = await world.as(null, CommentsOfPost, { postId, first: 2 });
    expect([page.items.map(({ node }) => node.text), page.hasNextPage]).toEqual([['one', '二'], true]);
    const rest = await world.as(null, CommentsOfPost, { postId, first: 2, after: page.items[1]?.cursor });
    expect([rest.items.map(({ node }) => node.text), rest.hasNextPage]).toEqual([['три'], false]);
    expect((await world.as(null, CommentsByIds, { ids })).map(({ authorId }) => authorId)).toEqual(
      ids.map(() => ben.profileId),
    );
    await world.as(ana, DeletePost, { id: postId });
    expect(await world.as(null, CommentsByIds, { ids })).toEqual([]);
    expect((await world.as(null, CommentsOfPost, { postId, first: 2 })).items).toEqual([]);
    expect(await world.as(ben, Comment, { postId, text: 'late' })).toMatchObject({ __typename: 'NotFound' });
  });

  test('of 30 at once are counted exactly', async () => {
    const postId = await world.post(ana, 'Everybody at once');
    await Promise.all(Array.from({ length: 30 }, (_, n) => world.as(ben, Comment, { postId, text: `${n}` })));
    expect((await view(postId))?.commentCount).toBe(30);
  });

  test('need a text', async () => {
    const postId = await world.post(ana, 'Say something');
    expect(await world.as(ben, Comment, { postId, text: ' ' })).toMatchObject({ __typename: 'InvalidInput' });
  });
});

test('every query is answered by an index', async () => {
  await world.queries.explainAll(await world.connect());
});
