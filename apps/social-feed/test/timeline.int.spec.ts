import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { DeletePost, HomeFeed, PostPublished } from '#contracts';
import { eventually, type SignedIn } from '#testing';
import { SocialFeedWorld } from './social-feed.world.js';

let world: SocialFeedWorld;
let database: Connection;
/** Limits so low that a few posts reach them. */
beforeAll(async () => {
  world = await SocialFeedWorld.start({
    FEED_PULL_ABOVE_FOLLOWERS: '6',
    FEED_KEPT_ENTRIES: '12',
    FEED_TRIM_EVERY: '1',
    FEED_FAN_OUT_CHUNK: '2',
  });
  database = await world.connect();
});
afterAll(async () => {
  await world?.stop();
});

const idsOf = (items: { id: string }[]): string[] => items.map(({ id }) => id);
const newestFirst = (ids: string[]): string[] => ids.toSorted().toReversed();

describe('a home feed', () => {
  test('has the posts of those who are followed and the own ones, newest first, with the reason', async () => {
    const [ana, ben, cleo] = await world.people('Ana', 'Ben', 'Cleo');
    if (!ana || !ben || !cleo) throw new Error('nobody');
    await world.follow(ben, cleo);
    const first = await world.post(cleo, 'My lamp');
    const own = await world.post(ben, 'Nice lamp');
    await world.post(ana, 'Not for Ben');
    const expected = [
      { id: own, reason: 'OWN' },
      { id: first, reason: 'FOLLOWING' },
    ];
    await eventually(async () => expect(await world.feed(ben)).toEqual(expected));
    expect(idsOf(await world.feed(cleo))).toEqual([first]);
  });

  test('has the recent posts of somebody newly followed at the next read, and none after unfollowing', async () => {
    const [ben, cleo] = await world.people('Ben', 'Cleo');
    if (!ben || !cleo) throw new Error('nobody');
    const posts = [await world.post(cleo, 'one'), await world.post(cleo, 'two'), await world.post(cleo, 'three')];
    await world.follow(ben, cleo);
    expect(idsOf(await world.feed(ben))).toEqual(newestFirst(posts));
    await world.unfollow(ben, cleo);
    expect(await world.feed(ben)).toEqual([]);
    const missed = await world.post(cleo, 'while away');
    await world.follow(ben, cleo);
    expect(idsOf(await world.feed(ben))).toEqual(newestFirst([...posts, missed]));
  });

  test('loses a deleted post at the next read', async () => {
    const [ben, cleo] = await world.people('Ben', 'Cleo');
    if (!ben || !cleo) throw new Error('nobody');
    const posts = [await world.post(cleo, 'stays'), await world.post(cleo, 'goes')];
    await world.follow(ben, cleo);
    await world.as(cleo, DeletePost, { id: posts[1] ?? '' });
    expect(idsOf(await world.feed(ben))).toEqual([posts[0]]);
    expect(idsOf(await world.feed(cleo))).toEqual([posts[0]]);
  });

  test('keeps its pages while posts come in', async () => {
    const [ben] = await world.people('Ben');
    if (!ben) throw new Error('nobody');
    const posts: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) posts.push(await world.post(ben, `post ${n}`));
    const page = await world.as(ben, HomeFeed, { first: 2 });
    await world.post(ben, 'newer');
    const next = await world.as(ben, HomeFeed, { first: 2, after: page.items.at(-1)?.cursor });
    expect(next.items.map(({ node }) => node.post.text)).toEqual(['post 3', 'post 2']);
    expect(next.hasNextPage).toBe(true);
  });

  test('refuses a cursor that is not its own', async () => {
    const [ben, cleo] = await world.people('Ben', 'Cleo');
    if (!ben || !cleo) throw new Error('nobody');
    await world.post(cleo, 'mine');
    const after = (await world.as(cleo, HomeFeed, { first: 1 })).items[0]?.cursor;
    for (const wrong of [after, 'forged', 'AAAA'])
      await expect(world.as(ben, HomeFeed, { first: 1, after: wrong })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
  });

  test('of a stranger is refused', async () => {
    await expect(world.as(null, HomeFeed, { first: 1 })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('reaches below what it keeps', async () => {
    const [ben, cleo, dora] = await world.people('Ben', 'Cleo', 'Dora');
    if (!ben || !cleo || !dora) throw new Error('nobody');
    await world.follow(ben, cleo);
    await world.follow(ben, dora);
    const posts: string[] = [];
    for (let n = 0; n < 20; n++) posts.push(await world.post(n % 2 ? cleo : dora, `post ${n}`));
    await eventually(async () => expect(idsOf(await world.feed(ben, 3))).toEqual(newestFirst(posts)));
    await eventually(async () => expect(await rowsOf(ben)).toBeLessThanOrEqual(13));
    expect(idsOf(await world.feed(ben, 3))).toEqual(newestFirst(posts));
  });

  test('has the posts of an author with very many followers, who were copied to nobody', async () => {
    const [star, ...fans] = await world.people('Star', ...Array.from({ length: 8 }, (_, n) => `Fan ${n}`));
    const [fan] = fans;
    if (!star || !fan) throw new Error('nobody');
    const copied = await world.post(star, 'with few followers');
    await Promise.all(fans.map((each) => world.follow(each, star)));
    const first = await world.post(star, 'with many followers');
    await eventually(async () => expect(idsOf(await world.feed(fan))).toEqual([first, copied]));
    const second = await world.post(star, 'asked for when feeds are read');
    for (const each of fans) expect(idsOf(await world.feed(each))).toEqual([second, first, copied]);
    await eventually(async () => expect(await rowsOf(fan)).toBe(1));
    await world.unfollow(fan, star);
    expect(await world.feed(fan)).toEqual([]);
  });

  test('has a post once when its event comes twice', async () => {
    const captured = await world.capture(PostPublished);
    const [ben, cleo] = await world.people('Ben', 'Cleo');
    if (!ben || !cleo) throw new Error('nobody');
    await world.follow(ben, cleo);
    const post = await world.post(cleo, 'once');
    const event = await eventually(() => {
      const found = captured.of(PostPublished).find(({ data }) => data.postId === post);
      if (!found) throw new Error('not published yet');
      return found;
    });
    await world.events.repeat(PostPublished, event);
    await world.events.untilRead('social-feed.timelines', [PostPublished]);
    const later = await world.post(cleo, 'later');
    await eventually(async () => expect(idsOf(await world.feed(ben))).toEqual([later, post]));
  });
});

/** A feed computed from the whole history: what is followed now, and what is not deleted. */
class Oracle {
  readonly follows = new Set<string>();
  readonly posts = new Map<string, SignedIn>();

  feedOf(reader: SignedIn): string[] {
    const visible = [...this.posts].filter(
      ([, author]) => author === reader || this.follows.has(`${reader.profileId}>${author.profileId}`),
    );
    return newestFirst(visible.map(([id]) => id));
  }
}

test('after any run of posts, follows, unfollows and deletions, feeds are what the whole history makes of them', async () => {
  const people = await world.people(...Array.from({ length: 9 }, (_, n) => `Person ${n}`));
  const oracle = new Oracle();
  let seed = 20_261_124;
  const below = (count: number): number => (seed = (seed * 48_271) % 2_147_483_647) % count;
  const anyone = (): SignedIn => people[below(people.length)] ?? raise();
  for (let step = 0; step < 240; step++) {
    const [one, other] = [anyone(), anyone()];
    const tie = `${one.profileId}>${other.profileId}`;
    const act = below(10);
    if (act < 4) oracle.posts.set(await world.post(one, `step ${step}`), one);
    else if (act < 8 && one !== other) {
      await world.follow(one, other);
      oracle.follows.add(tie);
    } else if (act < 9) {
      await world.unfollow(one, other);
      oracle.follows.delete(tie);
    } else {
      const [id, author] = [...oracle.posts][below(oracle.posts.size || 1)] ?? [];
      if (!id || !author) continue;
      await world.as(author, DeletePost, { id });
      oracle.posts.delete(id);
    }
  }
  for (const reader of people)
    await eventually(async () => expect(idsOf(await world.feed(reader, 7))).toEqual(oracle.feedOf(reader)));
});

test('every query is answered by an index', async () => {
  await world.queries.explainAll(database);
});

const rowsOf = ({ profileId }: SignedIn): Promise<number> =>
  database.collection<{ _id: string }>('home').countDocuments({ _id: { $regex: `^${profileId}\\|` } });

function raise(): never {
  throw new Error('nobody');
}
