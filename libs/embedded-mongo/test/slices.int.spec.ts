import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, type Collection } from 'mongodb';
import { startEmbeddedMongo, type EmbeddedMongo } from '#embedded-mongo';

interface Thing {
  _id: number;
  state: 'free' | 'taken' | 'other';
  group: number;
  text: string;
}

const COUNT = 6_000;
const FREE = 10;

let folder: string;
let server: EmbeddedMongo;
let client: MongoClient;
let things: Collection<Thing>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-mongo-'));
  server = await startEmbeddedMongo({ dataDir: folder });
  client = await MongoClient.connect(server.uri, { maxPoolSize: 20 });
  things = client.db('test').collection<Thing>('things');
  await things.insertMany(
    Array.from({ length: COUNT }, (_, n): Thing => {
      const state = n >= COUNT - FREE ? 'free' : 'other';
      return { _id: n, state, group: n % 7, text: 'x'.repeat(500) };
    }),
  );
});

afterAll(async () => {
  await client.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a collection that is looked through in slices', () => {
  it('answers other connections meanwhile, and each result is whole', async () => {
    const answers: string[] = [];
    const note = async (name: string, work: Promise<unknown>) => {
      const result = await work;
      answers.push(name);
      return result;
    };
    const slow = Promise.all([
      note('count', things.countDocuments({ text: { $regex: 'y' } })),
      note('find', things.find({ group: 3 }, { batchSize: COUNT }).sort({ text: 1, _id: -1 }).limit(5).toArray()),
      note('group', things.aggregate([{ $group: { _id: '$group', n: { $sum: 1 } } }, { $sort: { _id: 1 } }]).toArray()),
      note('distinct', things.distinct('group')),
    ]);
    await note('ping', things.findOne({ _id: 1 }));
    const [count, found, groups, distinct] = await slow;
    expect(count).toBe(0);
    expect(found).toMatchObject([5_995, 5_988, 5_981, 5_974, 5_967].map((_id) => ({ _id })));
    expect(groups).toEqual([0, 1, 2, 3, 4, 5, 6].map((_id) => ({ _id, n: _id === 0 ? 858 : 857 })));
    expect(distinct).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(answers).toHaveLength(5);
  });

  it('gives each of those who look for one that is free another one, and none when all are taken', async () => {
    const takers = Array.from({ length: FREE * 2 }, () =>
      things.updateOne({ state: 'free' }, { $set: { state: 'taken' } }),
    );
    const taken = (await Promise.all(takers)).reduce((sum, { modifiedCount }) => sum + modifiedCount, 0);
    expect(taken).toBe(FREE);
    expect(await things.countDocuments({ state: 'taken' })).toBe(FREE);
  });

  it('changes many in several writes, between which others see how far it is', async () => {
    const all = client.db('test').collection<{ _id: number; mark?: number }>('marked');
    await all.insertMany(Array.from({ length: COUNT }, (_, _id) => ({ _id })));
    const until = { isDone: false };
    const work = all.updateMany({}, { $set: { mark: 1 } }).finally(() => (until.isDone = true));
    const seen = new Set<number>();
    while (!until.isDone) seen.add(await all.countDocuments({ _id: { $in: [0, COUNT - 1] }, mark: 1 }));
    expect(await work).toMatchObject({ matchedCount: COUNT, modifiedCount: COUNT });
    expect(seen).toContain(1);
    expect(await all.countDocuments({ mark: 1 })).toBe(COUNT);
  });

  it('changes many in one write where the statement is not alone', async () => {
    const all = client.db('test').collection<{ _id: number; mark?: number }>('marked');
    const twice = [2, 3].map((mark) => ({ updateMany: { filter: {}, update: { $set: { mark } } } }));
    expect(await all.bulkWrite(twice)).toMatchObject({ modifiedCount: 2 * COUNT });
    expect(await all.countDocuments({ mark: 3 })).toBe(COUNT);
  });

  it('ends where a document fails, and leaves what it changed before', async () => {
    const all = client.db('test').collection<{ _id: number }>('marked');
    await all.updateOne({ _id: 4_000 }, { $set: { mark: 'text' } });
    await expect(all.updateMany({}, { $inc: { mark: 1 } })).rejects.toMatchObject({ code: 14 });
    expect(await all.findOne({ _id: 0 })).toMatchObject({ mark: 4 });
    expect(await all.findOne({ _id: COUNT - 1 })).toMatchObject({ mark: 3 });
  });

  it('removes many in several writes, too, between which others have their answers', async () => {
    const count = 25_000;
    const all = client.db('test').collection<{ _id: number }>('marked');
    await all.insertMany(Array.from({ length: count - COUNT }, (_, n) => ({ _id: n + COUNT })));
    const until = { isDone: false };
    const work = all.deleteMany({ _id: { $gte: 1 } }).finally(() => (until.isDone = true));
    const seen: number[] = [];
    while (!until.isDone) seen.push(await all.countDocuments({ _id: { $in: [0, 1, count - 1] } }));
    expect(await work).toMatchObject({ deletedCount: count - 1 });
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    expect(await all.find().toArray()).toMatchObject([{ _id: 0 }]);
    expect(await all.countDocuments()).toBe(1);
  });

  it('removes all at once where all are meant, and what is inserted meanwhile stays', async () => {
    const all = client.db('test').collection<{ _id: number }>('emptied');
    await all.createIndex({ n: 1 });
    await all.insertMany(Array.from({ length: COUNT }, (_, _id) => ({ _id, n: _id % 10 })));
    const reading = all.find({}, { batchSize: 10 });
    await reading.next();
    const uuids = async () => (await client.db('test').listCollections({ name: 'emptied' }).toArray())[0];
    const before = await uuids();
    const [{ deletedCount }] = await Promise.all([all.deleteMany({}), all.insertOne({ _id: COUNT + 1 })]);
    expect([COUNT, COUNT + 1]).toContain(deletedCount);
    const left = COUNT + 1 - deletedCount;
    expect([await all.countDocuments(), await all.estimatedDocumentCount()]).toEqual([left, left]);
    expect(await all.countDocuments({ n: 3 })).toBe(0);
    expect((await reading.toArray()).length).toBeLessThan(COUNT / 2);
    expect(await uuids()).toEqual(before);
    expect((await all.indexes()).map(({ name }) => name)).toEqual(['_id_', 'n_1']);
    expect(await all.deleteMany({})).toMatchObject({ deletedCount: left });
  });

  it('changes and removes what matches when its turn comes', async () => {
    const few = { group: { $lt: 3 } };
    const count = (state: Thing['state']) => things.countDocuments({ ...few, state });
    const [others, taken] = [await count('other'), await count('taken')];
    const [first, second] = await Promise.all([
      things.updateMany({ state: 'other', group: { $lt: 3 } }, { $set: { state: 'taken' } }),
      things.deleteMany({ state: 'other', group: { $lt: 3 } }),
    ]);
    // Each was changed, and then does not match any more, or was removed.
    expect(first.modifiedCount + second.deletedCount).toBe(others);
    expect([await count('other'), await count('taken')]).toEqual([0, taken + first.modifiedCount]);
  });
});
