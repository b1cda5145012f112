import { describe, expect, it } from '@jest/globals';
import { Binary, MongoClient, type Document } from 'mongodb';
import { failure, type Target } from './target.js';

/** What the drivers of other languages, and their own tests, ask beyond what the driver for Node.js does. */
export function clientFeatures(target: () => Target): void {
  const numbers = [3, 1, 4, 5, 2].map((n) => ({ _id: n as never, n, even: n % 2 === 0 }));
  const batch = ({ cursor }: Document): Document[] => (cursor as { firstBatch: Document[] }).firstBatch;

  describe('let', () => {
    it('holds expressions: what is literal there is no path', async () => {
      const { database, name, isFerretDb } = target();
      const stages = [{ $documents: [{}] }, { $project: { x: '$$x', sum: '$$sum' } }];
      const given = { x: { $literal: '$bar' }, sum: { $add: [1, 2] } };
      const reply = await database.command({ aggregate: 1, pipeline: stages, cursor: {}, let: given });
      expect(batch(reply)).toEqual([{ x: '$bar', sum: 3 }]);
      await database.collection(name).insertOne({ _id: 1 as never });
      const change = { q: {}, u: [{ $set: { x: '$$x' } }], multi: true };
      await database.command({ update: name, updates: [change], let: given });
      expect(await database.collection(name).findOne()).toEqual({ _id: 1, ...(!isFerretDb && { x: '$bar' }) });
    });

    it('names no field of a document', async () => {
      const { database, name } = target();
      await database.createCollection(name);
      const { code } = await failure(database.command({ find: name, let: { x: '$a' } }));
      expect(code).toBe(4_890_500);
    });
  });

  describe('min and max', () => {
    it('are the ends of what is read of an index, the first of them included', async () => {
      const { things, isFerretDb } = target();
      await things.insertMany(numbers);
      await things.createIndex({ even: 1, n: -1 }, { name: 'both' });
      // FerretDB reads the whole index.
      if (isFerretDb) return;
      const found = async (options: Document) =>
        (await things.find({}, { hint: 'both', ...options }).toArray()).map(({ n }): unknown => n);
      expect(await found({ min: { even: false, n: 3 } })).toEqual([3, 1, 4, 2]);
      expect(await found({ min: { even: false, n: 3 }, max: { even: true, n: 2 } })).toEqual([3, 1, 4]);
      expect(await found({ max: { even: true, n: 2 }, sort: { n: 1 }, skip: 1 })).toEqual([3, 4, 5]);
      const query = things.find({ n: { $ne: 3 } }, { hint: 'both', max: { even: true, n: 4 } });
      expect((await query.toArray()).map(({ n }): unknown => n)).toEqual([5, 1]);
    });

    it('want a hint of an index of the same fields, and the lesser first', async () => {
      const { things, isFerretDb } = target();
      await things.insertMany(numbers);
      await things.createIndex({ n: 1 });
      if (isFerretDb) return;
      const codes = [{}, { hint: { _id: 1 } }, { hint: 'n_1', max: { n: 2 } }].map(async (options) => {
        const { code } = await failure(things.find({}, { min: { n: 2 }, ...options }).toArray());
        return code as number;
      });
      expect(await Promise.all(codes)).toEqual([51_173, 51_174, 51_175]);
    });
  });

  it('returnKey answers what the index holds, showRecordId numbers what was inserted', async () => {
    const { things, isFerretDb } = target();
    if (isFerretDb) return;
    await things.insertMany(numbers);
    await things.createIndex({ n: 1, missing: 1 });
    const keys = things.find({ n: { $gt: 3 } }, { returnKey: true, showRecordId: true });
    expect(await keys.toArray()).toEqual([4, 5].map((n) => ({ n, missing: null })));
    expect(await things.find({ even: true }, { returnKey: true }).toArray()).toEqual([{}, {}]);
    const records = await things.find({}, { showRecordId: true, projection: { n: 1, _id: 0 } }).toArray();
    expect(records.map(({ n }): unknown => n)).toEqual([3, 1, 4, 5, 2]);
    const ids = records.map(({ $recordId }): number => Number($recordId));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  it('a stage that is none fails an update by pipeline also where nothing matches', async () => {
    const { database, name, isFerretDb } = target();
    await database.createCollection(name);
    const updates = [{ q: { _id: 1 }, u: [{ $nonsense: true }] }];
    const { writeErrors } = await database.command({ update: name, updates });
    expect(writeErrors).toMatchObject([isFerretDb ? { index: 0 } : { index: 0, code: 40324 }]);
  });

  it('$merge that must not meet a document says which one it met', async () => {
    const { database, things, name, isFerretDb } = target();
    // FerretDB lets it pass.
    if (isFerretDb) return;
    await things.insertOne({ _id: 2 as never });
    const into = { $merge: { into: name, whenMatched: 'fail' } };
    const error = await failure(database.aggregate([{ $documents: [{ _id: 2 }] }, into]).toArray());
    expect(error).toMatchObject({ code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 2 } });
  });

  it('a read concern that is none, or of one moment, is refused', async () => {
    const { database, name, isFerretDb } = target();
    if (isFerretDb) return;
    const codeOf = async (level: string) => {
      const { code } = await failure(database.command({ find: name, readConcern: { level } }));
      return code as number;
    };
    expect([await codeOf('unknown'), await codeOf('snapshot')]).toEqual([2, 123]);
    expect(batch(await database.command({ find: name, readConcern: { level: 'majority' } }))).toEqual([]);
  });

  it('a client that keeps to API version 1 is refused what is not of it', async () => {
    const { uri, database, name, isFerretDb } = target();
    if (isFerretDb) return;
    const client = await MongoClient.connect(uri, { serverApi: { version: '1', strict: true } });
    const strict = client.db(database.databaseName);
    try {
      await strict.collection(name).insertOne({ n: 1 });
      expect(await strict.collection(name).countDocuments({ n: 1 })).toBe(1);
      expect(await failure(strict.collection(name).distinct('n'))).toMatchObject({ code: 323 });
      const sessions = strict.aggregate([{ $listLocalSessions: {} }]).toArray();
      expect(await failure(sessions)).toMatchObject({ code: 323 });
    } finally {
      await client.close();
    }
    expect(await failure(database.command({ ping: 1, apiVersion: '2' }))).toMatchObject({ code: 322 });
    expect(await failure(database.command({ ping: 1, apiStrict: true }))).toMatchObject({ code: 4_886_600 });
  });

  it('the sessions of the server are at least that which asks for them', async () => {
    const { database, isFerretDb } = target();
    if (isFerretDb) return;
    const [session] = await database.aggregate([{ $listLocalSessions: {} }, { $limit: 1 }]).toArray();
    expect(session).toMatchObject({ _id: { id: expect.any(Binary) }, lastUse: expect.any(Date) });
  });

  it('a clustered collection is listed as one, and a capped one with its limits', async () => {
    const { database, name, isFerretDb } = target();
    const asked = { key: { _id: 1 }, unique: true, name: 'by id' };
    await database.createCollection(name, { clusteredIndex: asked });
    await database.createCollection(`${name}-capped`, { capped: true, size: 4_096, max: 7 });
    if (isFerretDb) return;
    const [listed] = await database.listCollections({ name }).toArray();
    expect(listed).toMatchObject({ options: { clusteredIndex: asked } });
    expect(listed).not.toHaveProperty('idIndex');
    expect(await database.collection(name).listIndexes().toArray()).toEqual([{ v: 2, clustered: true, ...asked }]);
    const stats = await database.command({ collStats: `${name}-capped` });
    expect(stats).toMatchObject({ capped: true, max: 7, maxSize: 4_096 });
    const wrong = database.createCollection(`${name}-x`, { clusteredIndex: { key: { n: 1 }, unique: true } });
    expect(await failure(wrong)).toMatchObject({ code: 197 });
  });

  describe('a tailable cursor', () => {
    const capped = async ({ database, name }: Target, ...documents: Document[]) => {
      const things = await database.createCollection(name, { capped: true, size: 4_096, max: 3 });
      if (documents.length > 0) await things.insertMany(documents);
      return things;
    };

    it('goes on with what is inserted later, and waits for it', async () => {
      const things = await capped(target(), { n: 1 }, { n: 2 });
      if (target().isFerretDb) return;
      const cursor = things.find({ n: { $ne: 2 } }, { tailable: true, awaitData: true, maxAwaitTimeMS: 30_000 });
      expect(await cursor.next()).toMatchObject({ n: 1 });
      const next = cursor.next();
      await things.insertMany([{ n: 2 }, { n: 3 }]);
      expect(await next).toMatchObject({ n: 3 });
      await cursor.close();
    });

    it('ends with its limit, or its place, and at once when there is nothing', async () => {
      const { database, name, isFerretDb } = target();
      if (isFerretDb) return;
      const things = await capped(target());
      expect(await things.find({}, { tailable: true }).toArray()).toEqual([]);
      await things.insertMany([{ n: 1 }, { n: 2 }]);
      const cursor = things.find({}, { tailable: true, limit: 2 });
      expect((await cursor.toArray()).map(({ n }): unknown => n)).toEqual([1, 2]);
      const { cursor: open } = await database.command({ find: name, tailable: true });
      const getMore = { getMore: open.id, collection: name };
      expect(await database.command(getMore)).toMatchObject({ cursor: { id: open.id, nextBatch: [] } });
      await things.insertMany([{ n: 3 }, { n: 4 }, { n: 5 }]);
      expect(await failure(database.command(getMore))).toMatchObject({ code: 136 });
      expect(await failure(database.command(getMore))).toMatchObject({ code: 43 });
    });

    it('that waits is woken when it is killed', async () => {
      const { database, name, isFerretDb } = target();
      await capped(target(), { n: 1 });
      if (isFerretDb) return;
      const { cursor } = await database.command({ find: name, tailable: true, awaitData: true });
      const more = failure(database.command({ getMore: cursor.id, collection: name, maxTimeMS: 60_000 }));
      await database.command({ killCursors: name, cursors: [cursor.id] });
      const { code } = await more;
      // Whichever of the two came first.
      expect([43, 237]).toContain(code);
    });

    it('is for capped collections, in their order', async () => {
      const { database, things, name, isFerretDb } = target();
      if (isFerretDb) return;
      await things.insertOne({});
      expect(await failure(database.command({ find: name, tailable: true }))).toMatchObject({ code: 2 });
      expect(await failure(database.command({ find: name, awaitData: true }))).toMatchObject({ code: 9 });
    });
  });

  it('nothing is profiled, and cannot be', async () => {
    const { database, isFerretDb } = target();
    if (isFerretDb) return;
    expect(await database.command({ profile: -1 })).toMatchObject({ was: 0, ok: 1 });
    expect(await failure(database.command({ profile: 2 }))).toMatchObject({ code: 238 });
  });
}
