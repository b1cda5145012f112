import { describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { eventually } from '#testing';
import { failure, type Target } from './target.js';

export function indexFeatures(target: () => Target): void {
  describe('indexes', () => {
    it('are created, listed and dropped', async () => {
      const { things } = target();
      expect(await things.createIndex({ a: 1, b: -1 })).toBe('a_1_b_-1');
      await things.createIndex({ c: 1 }, { unique: true, sparse: true, name: 'own' });
      const partial = { partialFilterExpression: { d: { $exists: true } } };
      await things.createIndex({ d: 1 }, partial);
      const listed = await things.indexes();
      expect(listed.map(({ name }) => name)).toEqual(['_id_', 'a_1_b_-1', 'own', 'd_1']);
      expect(listed[2]).toMatchObject({ key: { c: 1 }, unique: true, sparse: true });
      expect(listed[3]).toMatchObject(partial);
      await things.dropIndex('own');
      expect((await failure(things.dropIndex('own'))).code).toBe(27);
      await things.dropIndexes();
      expect(await things.indexes()).toHaveLength(1);
    });

    it('are the same when asked for twice, and in conflict when they differ', async () => {
      const { things } = target();
      await things.createIndex({ a: 1 });
      await things.createIndex({ a: 1 });
      expect(await things.indexes()).toHaveLength(2);
      expect((await failure(things.createIndex({ b: 1 }, { name: 'a_1' }))).code).toBe(86);
      expect((await failure(things.createIndex({ a: 1 }, { name: 'other' }))).code).toBe(85);
    });

    it('of one that is unique are not built over duplicates', async () => {
      const { things, isFerretDb } = target();
      await things.insertMany([{ a: 1 }, { a: 1 }]);
      // An internal error in FerretDB.
      const code = isFerretDb ? 1 : 11000;
      expect((await failure(things.createIndex({ a: 1 }, { unique: true }))).code).toBe(code);
      expect(await things.indexes()).toHaveLength(1);
    });

    it('that are unique count a missing field once; sparse and partial ones leave it out', async () => {
      const { things } = target();
      await things.createIndex({ a: 1 }, { unique: true });
      await things.createIndex({ b: 1 }, { unique: true, sparse: true });
      await things.createIndex({ c: 1 }, { unique: true, partialFilterExpression: { live: true } });
      await things.insertMany([
        { a: 1, c: 1 },
        { a: 2, c: 1 },
        { a: 3, c: 2, live: true },
      ]);
      await things.insertOne({});
      expect((await failure(things.insertOne({ b: 1 }))).code).toBe(11000);
      expect((await failure(things.insertOne({ a: 9, b: 2, c: 2, live: true }))).code).toBe(11000);
    });

    it('over arrays are unique across documents, not within one', async () => {
      const { things } = target();
      await things.createIndex({ tags: 1 }, { unique: true });
      await things.insertOne({ tags: ['a', 'b', 'a'] });
      expect((await failure(things.insertOne({ tags: ['c', 'b'] }))).code).toBe(11000);
    });

    it('with expireAfterSeconds remove what is old, in time', async () => {
      const { things, isFerretDb } = target();
      await things.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
      await things.insertMany([{ at: new Date(Date.now() - 120_000) }, { at: new Date() }, { at: 'no date' }]);
      // FerretDB sweeps once a minute; to wait for that is no test of it.
      if (isFerretDb) return;
      await eventually(async () => expect(await things.countDocuments()).toBe(2), { timeoutMs: 30_000 });
    });
  });
}

export function catalogFeatures(target: () => Target): void {
  describe('collections', () => {
    it('are created on the first write or on demand, listed, renamed and dropped', async () => {
      const { database, name } = target();
      await database.createCollection(name);
      await database.collection(`${name}-b`).insertOne({});
      const names = async () =>
        (await database.listCollections({}, { nameOnly: true }).toArray()).map((each) => each.name);
      expect(await names()).toEqual(expect.arrayContaining([name, `${name}-b`]));
      await database.collection(`${name}-b`).rename(`${name}-c`);
      expect((await failure(database.collection(`${name}-nope`).rename('x'))).code).toBe(26);
      await database.collection(`${name}-c`).drop();
      expect(await names()).not.toContain(`${name}-c`);
      await database.collection(`${name}-never`).drop();
    });

    it('of which nothing is known are empty, and have no indexes to list', async () => {
      const { things } = target();
      expect(await things.find().toArray()).toEqual([]);
      expect(await things.countDocuments()).toBe(0);
      expect((await failure(things.indexes())).code).toBe(26);
    });

    it('belong to databases that are listed and dropped', async () => {
      const { client, database } = target();
      const other = client.db(`${database.databaseName}-x`);
      await other.collection('a').insertOne({});
      const names = async () => (await client.db('admin').admin().listDatabases()).databases.map(({ name }) => name);
      expect(await names()).toContain(other.databaseName);
      await other.dropDatabase();
      expect(await names()).not.toContain(other.databaseName);
    });

    it('that are capped hold the newest', async () => {
      const { database, name, isFerretDb } = target();
      const capped = await database.createCollection(name, { capped: true, size: 4_096, max: 3 });
      // FerretDB takes the options, forgets them, and holds everything.
      if (isFerretDb) return;
      expect(await capped.isCapped()).toBe(true);
      expect(await capped.options()).toMatchObject({ capped: true, size: 4_096, max: 3 });
      await capped.insertMany([1, 2, 3, 4, 5].map((_id) => ({ _id }) as never));
      expect(await capped.distinct('_id')).toEqual([3, 4, 5]);
      await capped.insertOne({ _id: 6 as never, text: 'x'.repeat(4_050) });
      expect(await capped.distinct('_id')).toEqual([5, 6]);
      expect((await failure(capped.insertOne({ text: 'x'.repeat(5_000) }))).code).toBe(2);
      expect((await failure(database.createCollection(`${name}-2`, { capped: true }))).code).toBe(72);
    });

    it('with a validator refuse what it does not allow', async () => {
      const { database, name, isFerretDb } = target();
      // FerretDB ignores validators unless it is told otherwise.
      if (isFerretDb) return;
      const checked = await database.createCollection(name, { validator: { n: { $gte: 1 } } });
      await checked.insertOne({ n: 1 });
      expect((await failure(checked.insertOne({ n: 0 }))).code).toBe(121);
      expect((await failure(checked.updateOne({ n: 1 }, { $set: { n: 0 } }))).code).toBe(121);
      await checked.insertOne({ n: 0 }, { bypassDocumentValidation: true });
    });
  });
}

export function errorFeatures(target: () => Target): void {
  describe('errors', () => {
    const updates: [title: string, change: object, code: number][] = [
      ['an unknown operator', { $nope: { a: 1 } }, 9],
      ['two operators on one path', { $set: { a: 1 }, $inc: { a: 1 } }, 40],
      ['$inc of a text', { $inc: { text: 1 } }, 14],
      ['$inc by a text', { $inc: { n: 'x' } }, 14],
      ['$push to what is no array', { $push: { n: 1 } }, 2],
      ['a path through a number', { $set: { 'n.a': 1 } }, 28],
      ['a change of _id', { $set: { _id: 2 } }, 66],
      ['a filter for arrays that is missing', { $set: { 'list.$[x]': 1 } }, 2],
      ['a position without a match', { $set: { 'list.$': 1 } }, 2],
    ];

    it.each(updates)('answer %s with its code', async (_title, change, code) => {
      const { database, things, name } = target();
      await things.insertOne({ _id: 1 as never, n: 1, text: 'x', list: [1] });
      const { writeErrors } = await database.command({ update: name, updates: [{ q: { _id: 1 }, u: change }] });
      expect(writeErrors).toMatchObject([{ index: 0, code }]);
      expect(await things.findOne()).toEqual({ _id: 1, n: 1, text: 'x', list: [1] });
    });

    const commands: [title: string, command: (name: string) => object, code: number][] = [
      ['an unknown command', () => ({ nope: 1 }), 59],
      ['an unknown query operator', (name) => ({ find: name, filter: { a: { $nope: 1 } } }), 2],
      ['an unknown operator at the top', (name) => ({ find: name, filter: { $nope: 1 } }), 2],
      ['a filter that is no document', (name) => ({ find: name, filter: 5 }), 14],
      ['a cursor that is not there', (name) => ({ getMore: 123n, collection: name }), 43],
      ['an aggregate without a cursor', (name) => ({ aggregate: name, pipeline: [] }), 9],
      ['an index without keys', (name) => ({ createIndexes: name, indexes: [{ key: {}, name: 'x' }] }), 67],
    ];

    it.each(commands)('answer %s with its code', async (_title, command, code) => {
      const { database, name } = target();
      expect((await failure(database.command(command(name)))).code).toBe(code);
    });

    it('answer what tools ask, though nobody has to log in', async () => {
      const { database, client, name, isFerretDb } = target();
      await database.collection(name).insertOne({});
      expect(await database.command({ logout: 1 })).toMatchObject({ ok: 1 });
      expect(await database.command({ usersInfo: 1 })).toMatchObject({ ok: 1 });
      expect(await client.db('admin').command({ killAllSessions: [] })).toMatchObject({ ok: 1 });
      const { inprog } = await client.db('admin').command({ currentOp: 1 });
      expect(Array.isArray(inprog)).toBe(true);
      expect(await database.command({ compact: name })).toMatchObject({ bytesFreed: 0 });
      expect(await database.command({ reIndex: name })).toMatchObject({ nIndexes: 1, indexes: [{ name: '_id_' }] });
      const measured = await database.command({ dataSize: `${database.databaseName}.${name}` });
      // FerretDB estimates it from what PostgreSQL last gathered.
      expect(measured).toMatchObject({ numObjects: isFerretDb ? expect.any(Number) : 1 });
    });

    it('refuse a name and a password', async () => {
      const { uri } = target();
      const login = (authMechanism: 'SCRAM-SHA-256' | 'PLAIN') =>
        MongoClient.connect(uri, { auth: { username: 'nobody', password: 'x' }, authMechanism });
      expect(await failure(login('SCRAM-SHA-256'))).toMatchObject({ code: 18, codeName: 'AuthenticationFailed' });
      expect((await failure(login('PLAIN'))).code).toBe(334);
    });

    it('tell that the time is up', async () => {
      const { things, isFerretDb } = target();
      await things.insertMany(Array.from({ length: 5_000 }, (_, n) => ({ n, list: [1, 2, 3] })));
      const sums = { $expr: { $gt: [{ $sum: { $map: { input: '$list', in: { $add: ['$$this', '$n'] } } } }, -1] } };
      const slow = things.find(sums, { maxTimeMS: 1 }).toArray();
      // PostgreSQL, below FerretDB, may well be done in time.
      if (isFerretDb) await slow.catch(() => undefined);
      else expect((await failure(slow)).code).toBe(50);
    });

    it('refuse transactions, as a standalone server does', async () => {
      const { client, things, isFerretDb } = target();
      // FerretDB takes the write, outside of any transaction.
      if (isFerretDb) return;
      const insert = () =>
        client.withSession((session) => session.withTransaction(() => things.insertOne({}, { session })));
      expect(await failure(insert())).toBeInstanceOf(Error);
      expect(await things.countDocuments()).toBe(0);
    });
  });
}
