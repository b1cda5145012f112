import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection, Schema, type Connection } from 'mongoose';
import { startEmbeddedMongo, type EmbeddedMongo } from '#embedded-mongo';
import { CollectionScanError, explainPlan } from '#testing';

let folder: string;
let server: EmbeddedMongo;
let connection: Connection;

const schema = new Schema({ owner: String, at: Date, n: Number, live: Boolean, tags: [String] });
schema.index({ owner: 1, at: -1 }).index({ tags: 1 });
schema.index({ n: 1 }, { partialFilterExpression: { live: true } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-mongo-'));
  server = await startEmbeddedMongo({ dataDir: folder });
  connection = await createConnection(`${server.uri}test`).asPromise();
  await connection.model('Note', schema).init();
  await notes().insertMany(
    Array.from({ length: 50 }, (_, i) => ({
      owner: `o${i % 5}`,
      at: new Date(i),
      n: i,
      live: i % 2 === 0,
      tags: ['a'],
    })),
  );
}, 60_000);

afterAll(async () => {
  await connection.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const notes = () => connection.model('Note');

describe('explain', () => {
  const plans: [title: string, filter: object, sort: Record<string, 1 | -1>, stages: RegExp, absent: RegExp][] = [
    [
      'a range behind an equality, in order',
      { owner: 'o1', at: { $lt: new Date(30) } },
      { at: -1 },
      /IXSCAN/,
      /SORT|COLLSCAN/,
    ],
    ['the other way round', { owner: 'o1' }, { at: 1 }, /backward/, /"SORT"|COLLSCAN/],
    ['several owners merged in order', { owner: { $in: ['o1', 'o2'] } }, { at: -1 }, /SORT_MERGE/, /"SORT"|COLLSCAN/],
    ['a sort that the index does not have', { owner: 'o1' }, { n: 1 }, /"SORT".*IXSCAN/, /COLLSCAN/],
    ['an element of an array', { tags: 'a' }, {}, /"isMultiKey":true/, /COLLSCAN/],
    ['a partial index that the query implies', { n: 4, live: true }, {}, /"isPartial":true/, /COLLSCAN/],
    ['either of two', { $or: [{ owner: 'o1' }, { tags: 'b' }] }, {}, /"OR"/, /COLLSCAN/],
  ];

  it.each(plans)('shows %s', async (_title, filter, sort, stages, absent) => {
    const plan = JSON.stringify(await explainPlan(notes().find(filter, null, { sort }), connection));
    expect(plan).toMatch(stages);
    expect(plan).not.toMatch(absent);
  });

  it('shows a look-up by _id and a scan', async () => {
    const { insertedId } = await notes().collection.insertOne({});
    expect(JSON.stringify(await explainPlan(notes().find({ _id: insertedId }), connection))).toContain('IDHACK');
    await expect(explainPlan(notes().find({ live: true }), connection)).rejects.toBeInstanceOf(CollectionScanError);
    await expect(explainPlan(notes().find({ n: 4 }), connection)).rejects.toBeInstanceOf(CollectionScanError);
  });

  it('counts what was read', async () => {
    const query = notes().collection.find({ owner: 'o1' }).limit(3);
    expect(await query.explain('executionStats')).toMatchObject({
      executionStats: { nReturned: 3, totalKeysExamined: 3, totalDocsExamined: 3 },
    });
  });

  it('covers aggregate, count, update, delete and findAndModify', async () => {
    const { collection } = notes();
    const stages = [{ $match: { owner: 'o1' } }, { $group: { _id: '$n' } }];
    expect(JSON.stringify(await collection.aggregate(stages).explain('queryPlanner'))).toMatch(/\$cursor.*IXSCAN/);
    const explained = async (command: object) =>
      JSON.stringify(await connection.db?.command({ explain: command, verbosity: 'queryPlanner' }));
    const q = { owner: 'o1' };
    expect(await explained({ count: 'notes', query: q })).toContain('COUNT_SCAN');
    expect(await explained({ update: 'notes', updates: [{ q, u: { $set: { n: 1 } } }] })).toMatch(/UPDATE.*IXSCAN/);
    expect(await explained({ delete: 'notes', deletes: [{ q, limit: 0 }] })).toMatch(/DELETE.*IXSCAN/);
    expect(await explained({ findAndModify: 'notes', query: q, remove: true })).toMatch(/DELETE.*IXSCAN/);
  });
});
