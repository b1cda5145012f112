import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import {
  Comment,
  CreateShareLink,
  DeletePost,
  Followed,
  OrderConfirmed,
  PostPublished,
  projectionOperationsOf,
  React,
  ReactionSet,
  RecordClick,
  socialFeedEvents,
  typeIds,
  UpdateProfile,
} from '#contracts';
import { eventually, type CapturedEvents, type SignedIn } from '#testing';
import { SocialFeedWorld } from './social-feed.world.js';

const WAIT = { timeoutMs: 30_000 };
const { list, rebuild } = projectionOperationsOf('social-feed');
const AGGREGATES = ['profiles', 'follows', 'posts', 'reactions', 'comments', 'share-links'];
const COUNTS = ['follow-counts', 'post-counts'];
const REMADE = ['social-feed.timelines', 'social-feed.graph', 'social-feed.engagement'];

let world: SocialFeedWorld;
let platform: SignedIn;
let database: Connection;
beforeAll(async () => {
  // Limits so low that a few posts reach them.
  world = await SocialFeedWorld.start({
    FEED_PULL_ABOVE_FOLLOWERS: '3',
    FEED_KEPT_ENTRIES: '5',
    FEED_TRIM_EVERY: '1',
  });
  platform = await world.identity.signIn({ roles: ['customer', 'platform'] });
  database = await world.connect();
});
afterAll(async () => {
  await world?.stop();
});

/** What the documents say, without how often they were written, by whom, and what waits to be published. */
async function documents(names: readonly string[]): Promise<Record<string, unknown[]>> {
  const found = await Promise.all(
    names.map(async (name) => {
      const all = await database.collection(name).find().sort({ _id: 1 }).toArray();
      const bare = all.map(({ rev: _rev, commands: _commands, outbox: _outbox, outboxAt: _at, ...rest }) => rest);
      return [name, bare] as const;
    }),
  );
  return Object.fromEntries(found);
}

/** Of the counts, those of somebody or something that has any: what never was counted, and 0, are the same. */
const counted = (all: Record<string, unknown[]>): unknown[][] =>
  COUNTS.map((name) =>
    (all[name] ?? []).filter((one) => /:[1-9]/.test(JSON.stringify(Reflect.get(Object(one), 'counts')))),
  );

/** Resolves when the service has dealt with all that has been told. */
async function settled(): Promise<void> {
  await world.events.untilRead('social-feed.graph', [Followed]);
  await world.events.untilRead('social-feed.timelines', [PostPublished]);
  await world.events.untilRead('social-feed.engagement', [ReactionSet]);
}

async function rebuilt(...names: readonly string[]): Promise<void> {
  const generations = new Map<string, number>();
  for (const name of names) {
    const begun = await world.as(platform, rebuild, { name });
    if (begun.__typename !== 'Projection') throw new Error(begun.message);
    generations.set(name, begun.generation);
  }
  await eventually(async () => {
    const found = (await world.as(platform, list, {})).filter(({ name }) => generations.has(name));
    for (const { name, state, generation, error, done, total } of found)
      expect([name, state, generation, error, done]).toEqual([name, 'READY', generations.get(name), null, total]);
  }, WAIT);
}

/** Five people, one of whom has so many followers that the posts are not copied; some of everything that there is. */
class Neighbourhood {
  private constructor(
    readonly people: readonly SignedIn[],
    readonly posts: readonly string[],
  ) {}

  static async make(): Promise<Neighbourhood> {
    const people = await world.people('Ana', 'Ben', 'Cleo', 'Dan', 'Eve');
    const [ana, ben, cleo, dan, eve] = people;
    if (!ana || !ben || !cleo || !dan || !eve) throw new Error('nobody');
    for (const fan of [ana, ben, cleo, dan]) await world.follow(fan, eve);
    for (const other of [ben, cleo, dan]) await world.follow(ana, other);
    await world.follow(ben, cleo);
    await world.follow(dan, cleo);
    await world.unfollow(dan, cleo);
    await world.follow(cleo, dan);
    await world.unfollow(cleo, dan);
    await world.follow(cleo, dan);
    const posts: string[] = [];
    for (const [index, author] of [ben, cleo, eve, dan, ben, cleo, eve, cleo, ben].entries())
      posts.push(await world.post(author, `Lamp ${index}`));
    const [first = '', second = '', , , fifth = ''] = posts;
    await world.as(ben, DeletePost, { id: fifth });
    await world.as(ana, React, { postId: second, kind: 'LIKE' });
    await world.as(ana, React, { postId: second, kind: 'LOVE' });
    await world.as(dan, React, { postId: second, kind: 'WANT' });
    await world.as(dan, React, { postId: first, kind: 'LIKE' });
    await world.as(ana, Comment, { postId: second, text: 'Where from?' });
    await world.as(ben, UpdateProfile, { name: 'Benjamin', bio: 'Lamps.' });
    return new Neighbourhood(people, posts);
  }

  async feeds(): Promise<unknown> {
    return Promise.all(this.people.map((person) => world.feed(person, 3)));
  }

  async shared(): Promise<void> {
    const [ana] = this.people;
    if (!ana) throw new Error('nobody');
    const { productId } = world.catalog.list();
    const link = await world.as(ana, CreateShareLink, { productId });
    if (link.__typename !== 'ShareLink') throw new Error(link.__typename);
    await world.as(null, RecordClick, { code: link.code });
    for (let n = 0; n < 2; n++) {
      const order = { ...OrderConfirmed.example, orderId: typeIds.next('order'), shareCode: link.code };
      await world.events.publish(OrderConfirmed, order, { subject: order.orderId });
    }
    await world.events.untilRead('social-feed.share-links', [OrderConfirmed]);
  }
}

/** Versions 1, 2, 3 … of each aggregate, each once. */
function expectUnbroken(events: CapturedEvents): void {
  const versions = new Map<string, number[]>();
  for (const { subject, version } of events.all) versions.set(subject, [...(versions.get(subject) ?? []), version]);
  for (const [subject, known] of versions) {
    const once = [...new Set(known)].toSorted((a, b) => a - b);
    expect([subject, once]).toEqual([subject, once.map((_, index) => index + 1)]);
    expect([subject, known]).toEqual([subject, once]);
  }
}

describe('what the service derives', () => {
  let around: Neighbourhood;
  beforeEach(async () => {
    around = await Neighbourhood.make();
  });

  test('feeds that lost rows, floors and pulled authors, and have wrong rows, are again as they were', async () => {
    const [ana, ben, cleo] = around.people;
    if (!ana || !ben || !cleo) throw new Error('nobody');
    await eventually(async () => expect(await world.feed(ana)).toHaveLength(8), WAIT);
    await settled();
    const before = await around.feeds();
    await database.collection('home').deleteMany({});
    await database.collection('home-floors').deleteMany({});
    await database.collection('pulled-authors').deleteMany({});
    const wrong = [
      { _id: `${ben.profileId}|${around.posts[1]}`, a: ana.profileId },
      { _id: `${ben.profileId}|post_01zzzzzzzzf25a4d8x22mf2yaw`, a: cleo.profileId },
    ];
    await database.collection<{ _id: string }>('home').insertMany(wrong);
    expect(await around.feeds()).not.toEqual(before);
    await rebuilt('social-feed.timelines');
    expect(await around.feeds()).toEqual(before);
    expect(await database.collection<{ _id: string }>('home').findOne({ _id: wrong[1]?._id ?? '' })).toBeNull();
    // What comes after is seen as ever.
    const next = await world.post(cleo, 'Afterwards');
    await eventually(async () => expect((await world.feed(ben))[0]?.id).toBe(next), WAIT);
  });

  test('counts that are wrong or gone are counted again; those that are right are not written', async () => {
    await settled();
    const [ana, , cleo] = around.people;
    if (!ana || !cleo) throw new Error('nobody');
    const before = await documents(COUNTS);
    const untouched = await database
      .collection<{ _id: string }>('follow-counts')
      .findOne({ _id: `following|${ana.profileId}` });
    await database.collection<{ _id: string }>('follow-counts').deleteOne({ _id: `followers|${cleo.profileId}` });
    await database
      .collection<{ _id: string }>('follow-counts')
      .updateMany({ _id: { $ne: untouched?._id ?? '' } }, { $set: { 'counts.ties': 77 }, $unset: { rev: '' } });
    await database.collection('post-counts').updateMany({}, { $set: { counts: { LIKE: 9 } } });
    await rebuilt('social-feed.graph', 'social-feed.engagement');
    expect(await documents(COUNTS)).toEqual(before);
    expect(
      await database.collection<{ _id: string }>('follow-counts').findOne({ _id: `following|${ana.profileId}` }),
    ).toEqual(untouched);
    const [ben] = around.people.slice(1);
    if (!ben) throw new Error('nobody');
    await world.unfollow(ben, cleo);
    expect(await world.counts(cleo)).toEqual({ followers: 1, following: 2 });
  });

  test('is right although people follow, post and react while it is made anew', async () => {
    const [ana, ben, cleo, dan] = around.people;
    if (!ana || !ben || !cleo || !dan) throw new Error('nobody');
    await database.collection('home').deleteMany({});
    await database.collection<{ _id: string }>('follow-counts').updateMany({}, { $set: { 'counts.ties': 77 } });
    const enough = new AbortController();
    const writing = (async () => {
      for (let n = 0; !enough.signal.aborted; n++) {
        await Promise.all([
          n % 2 === 0 ? world.unfollow(ben, cleo) : world.follow(ben, cleo),
          n % 2 === 0 ? world.follow(dan, ben) : world.unfollow(dan, ben),
          world.post(cleo, `While ${n}`),
          world.as(ana, React, { postId: around.posts[0] ?? '', kind: n % 2 === 0 ? 'LIKE' : 'WANT' }),
        ]);
      }
      await world.follow(ben, cleo);
    })();
    for (let round = 0; round < 2; round++) await rebuilt(...REMADE);
    enough.abort();
    await writing;
    await settled();
    const [counts, feeds] = [await documents(COUNTS), await around.feeds()];
    for (const name of ['home', 'home-floors', ...COUNTS]) await database.collection(name).deleteMany({});
    await rebuilt(...REMADE);
    expect(await around.feeds()).toEqual(feeds);
    expect(counted(await documents(COUNTS))).toEqual(counted(counts));
  });
});

describe('what the service owns', () => {
  test('comes back from its states where its database was deleted, before anybody is answered; versions go on', async () => {
    const events = await world.capture(...socialFeedEvents);
    const around = await Neighbourhood.make();
    await around.shared();
    await settled();
    const [ana, ben, cleo] = around.people;
    if (!ana || !ben || !cleo) throw new Error('nobody');
    await eventually(async () => expect(await world.feed(ana)).toHaveLength(8), WAIT);
    const before = await documents([...AGGREGATES, ...COUNTS, 'link-orders']);
    const feeds = await around.feeds();
    await world.restart(() => database.dropDatabase());
    const owned = await documents([...AGGREGATES, 'link-orders']);
    expect(owned).toEqual(Object.fromEntries([...AGGREGATES, 'link-orders'].map((name) => [name, before[name]])));
    await world.unfollow(ben, cleo);
    await world.follow(ben, cleo);
    await eventually(async () => {
      const projections = await world.as(platform, list, {});
      expect(projections.filter(({ state }) => state !== 'READY')).toEqual([]);
      expect(projections).toHaveLength(11);
    }, WAIT);
    await eventually(async () => expect(await around.feeds()).toEqual(feeds), WAIT);
    await eventually(async () => expect(counted(await documents(COUNTS))).toEqual(counted(before)), WAIT);
    await settled();
    expectUnbroken(events);
  }, 120_000);

  test('that is wrong or older than its states is put right; what no state tells of stays', async () => {
    const around = await Neighbourhood.make();
    await settled();
    const before = await documents(AGGREGATES);
    const [first] = around.posts;
    const posts = database.collection<{ _id: string }>('posts');
    await posts.updateOne({ _id: first ?? '' }, { $set: { text: 'Something else', deleted: true } });
    await posts.deleteOne({ _id: around.posts[1] ?? '' });
    await database.collection('profiles').updateMany({ name: 'Benjamin' }, { $set: { name: 'Ben', v: 1 } });
    await rebuilt('social-feed.posts', 'social-feed.profiles');
    expect(await documents(['posts', 'profiles'])).toEqual({ posts: before['posts'], profiles: before['profiles'] });
  });
});
