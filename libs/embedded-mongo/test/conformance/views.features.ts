import { describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';
import { failure, type Target } from './target.js';

/** A view is a pipeline under a name. FerretDB takes `viewOn`, forgets it and makes an empty collection: nothing to compare. */
export function viewFeatures(target: () => Target): void {
  /** `view` shows the even ones, without their text. */
  const made = async () => {
    const { database, things, name, isFerretDb } = target();
    await things.insertMany([1, 2, 3, 4, 5, 6].map((n) => ({ _id: n as never, n, tags: [`t${n}`], text: 'x' })));
    const pipeline = [{ $match: { n: { $mod: [2, 0] } } }, { $project: { text: 0 } }];
    const view = await database.createCollection(`${name}-view`, { viewOn: name, pipeline });
    return { database, things, name, isFerretDb, view, pipeline };
  };
  const numbers = (found: Document[]): unknown[] => found.map(({ n }): unknown => n);

  describe('a view', () => {
    it('is found, sorted, cut and projected like a collection', async () => {
      const { view, isFerretDb } = await made();
      if (isFerretDb) return;
      expect(await view.findOne({ n: { $gt: 2 } })).toEqual({ _id: 4, n: 4, tags: ['t4'] });
      const options = { sort: { n: -1 }, skip: 1, limit: 1, projection: { n: 1, _id: 0 } } as const;
      expect(await view.find({ n: { $gt: 1 } }, options).toArray()).toEqual([{ n: 4 }]);
      expect(await view.find({ text: 'x' }).toArray()).toEqual([]);
      expect(numbers(await view.find({}, { batchSize: 1 }).toArray())).toEqual([2, 4, 6]);
      expect(numbers(await view.find({}, { batchSize: 2, singleBatch: true }).toArray())).toEqual([2, 4]);
    });

    it('is counted, and its values are listed', async () => {
      const { view, database, isFerretDb } = await made();
      if (isFerretDb) return;
      expect(await view.countDocuments({ n: { $gt: 2 } })).toBe(2);
      expect(await view.estimatedDocumentCount()).toBe(3);
      expect(await database.command({ count: view.collectionName, skip: 1, limit: 1 })).toEqual({ n: 1, ok: 1 });
      expect(await view.distinct('tags', { n: { $lt: 6 } })).toEqual(['t2', 't4']);
    });

    it('shows what the collection holds now, also before the collection is there', async () => {
      const { view, things, isFerretDb } = await made();
      if (isFerretDb) return;
      await things.updateOne({ n: 1 }, { $set: { n: 8 } });
      expect(numbers(await view.find().sort({ n: -1 }).limit(1).toArray())).toEqual([8]);
      await things.drop();
      expect(await view.find().toArray()).toEqual([]);
      expect(await view.countDocuments()).toBe(0);
      await things.insertOne({ n: 10 });
      expect(await view.countDocuments()).toBe(1);
    });

    it('is read by pipelines, from inside others, too', async () => {
      const { view, things, isFerretDb } = await made();
      if (isFerretDb) return;
      const from = view.collectionName;
      const sum = [{ $group: { _id: null, n: { $sum: '$n' } } }];
      expect(await view.aggregate(sum).toArray()).toEqual([{ _id: null, n: 12 }]);
      const joined = things.aggregate([
        { $match: { n: { $lt: 3 } } },
        { $lookup: { from, localField: 'n', foreignField: 'n', as: 'seen' } },
        { $project: { seen: '$seen.n' } },
      ]);
      expect(await joined.toArray()).toEqual([
        { _id: 1, seen: [] },
        { _id: 2, seen: [2] },
      ]);
      expect(numbers(await things.aggregate([{ $limit: 1 }, { $unionWith: from }]).toArray())).toEqual([1, 2, 4, 6]);
      const links = { startWith: '$n', connectFromField: 'n', connectToField: 'n', as: 'x' };
      const reached = things.aggregate([{ $match: { n: { $in: [3, 4] } } }, { $graphLookup: { from, ...links } }]);
      expect((await reached.toArray()).map(({ x }) => numbers(x as Document[]))).toEqual([[], [4]]);
    });

    it('may show another view', async () => {
      const { view, database, name, isFerretDb } = await made();
      if (isFerretDb) return;
      const outer = `${name}-outer`;
      await database.createCollection(outer, {
        viewOn: view.collectionName,
        pipeline: [{ $match: { n: { $gt: 2 } } }],
      });
      expect(numbers(await database.collection(outer).find().toArray())).toEqual([4, 6]);
      const command = { collMod: view.collectionName, viewOn: name, pipeline: [{ $match: { n: { $lt: 4 } } }] };
      await database.command(command);
      expect(numbers(await database.collection(outer).find().toArray())).toEqual([3]);
    });

    it('is explained by the collection beneath', async () => {
      const { view, things, isFerretDb } = await made();
      if (isFerretDb) return;
      const { queryPlanner } = await things.find({ n: 1 }).explain();
      const explained = await view.find({ n: 2 }).explain('queryPlanner');
      expect(JSON.stringify(explained)).toContain(`"namespace":"${String(queryPlanner.namespace)}"`);
    });

    it('is listed as one, and is gone when it is dropped, but for the collection', async () => {
      const { view, database, things, name, pipeline, isFerretDb } = await made();
      if (isFerretDb) return;
      const listed = async () => database.listCollections({ name: view.collectionName }).toArray();
      const options = { viewOn: name, pipeline };
      expect(await listed()).toEqual([{ name: view.collectionName, type: 'view', options, info: { readOnly: true } }]);
      expect(await database.command({ dbStats: 1 })).toMatchObject({ views: expect.any(Number) });
      await database.createCollection(view.collectionName, options);
      expect(await database.command({ drop: view.collectionName })).toEqual({ ns: view.namespace, ok: 1 });
      expect(await listed()).toEqual([]);
      expect(await things.countDocuments()).toBe(6);
    });
  });

  describe('a view is refused', () => {
    const commands: [title: string, command: (view: string) => Document][] = [
      ['an insert', (view) => ({ insert: view, documents: [{}] })],
      ['findAndModify', (view) => ({ findAndModify: view, query: {}, update: { $set: { n: 1 } } })],
      ['an upsert', (view) => ({ findAndModify: view, query: { n: 99 }, update: { $set: { n: 1 } }, upsert: true })],
      ['an index', (view) => ({ createIndexes: view, indexes: [{ key: { n: 1 }, name: 'n' }] })],
      ['a list of indexes', (view) => ({ listIndexes: view })],
      ['dropIndexes', (view) => ({ dropIndexes: view, index: '*' })],
      ['collStats', (view) => ({ collStats: view })],
      ['validate', (view) => ({ validate: view })],
    ];
    it.each(commands)('%s', async (_title, command) => {
      const { view, database, isFerretDb } = await made();
      if (isFerretDb) return;
      expect(await failure(database.command(command(view.collectionName)))).toMatchObject({
        code: 166,
        codeName: 'CommandNotSupportedOnView',
      });
    });

    it('updates and deletions, being renamed, and results of a pipeline', async () => {
      const { view, things, database, client, isFerretDb } = { ...(await made()), client: target().client };
      if (isFerretDb) return;
      const name = view.collectionName;
      const refused: Promise<unknown>[] = [
        view.updateMany({}, { $set: { n: 1 } }),
        view.deleteMany({}),
        view.replaceOne({ n: 99 }, { n: 99 }, { upsert: true }),
        client.db('admin').command({ renameCollection: view.namespace, to: `${view.namespace}-x` }),
        things.aggregate([{ $out: name }]).toArray(),
        things.aggregate([{ $merge: name }]).toArray(),
      ];
      const failures = await Promise.all(refused.map(failure));
      expect(failures.map(({ code }): unknown => code)).toEqual(refused.map(() => 166));
      expect(await things.countDocuments()).toBe(6);
      expect(await database.collection(name).countDocuments()).toBe(3);
    });

    const options: [title: string, options: Document, code: number][] = [
      ['with a stage that is none', { pipeline: [{ $nope: 1 }] }, 40324],
      ['that writes', { pipeline: [{ $out: 'x' }] }, 167],
      ['of a number', { viewOn: 1 }, 14],
      ['of nothing', { viewOn: '' }, 2],
      ['that is capped', { capped: true, size: 4_096 }, 72],
      ['with a validator', { validator: { n: 1 } }, 72],
    ];
    it.each(options)('%s', async (_title, given, code) => {
      const { database, name, isFerretDb } = target();
      if (isFerretDb) return;
      const { code: got } = await failure(
        database.command({ create: `${name}-x`, viewOn: name, pipeline: [], ...given }),
      );
      expect(got).toBe(code);
    });

    it('when it is another one of the name, or would show itself', async () => {
      const { view, database, name, isFerretDb } = await made();
      if (isFerretDb) return;
      const create = (view_: string, viewOn: string) => database.createCollection(view_, { viewOn, pipeline: [] });
      expect(await failure(create(view.collectionName, name))).toMatchObject({ code: 48 });
      expect(await failure(create(name, 'other'))).toMatchObject({ code: 48 });
      expect(await failure(create(`${name}-x`, `${name}-x`))).toMatchObject({ code: 5 });
      await create(`${name}-a`, `${name}-b`);
      expect(await failure(create(`${name}-b`, `${name}-a`))).toMatchObject({ code: 5 });
      const turned = { collMod: view.collectionName, viewOn: view.collectionName, pipeline: [] };
      expect(await failure(database.command(turned))).toMatchObject({ code: 5 });
      expect(await failure(database.command({ collMod: name, viewOn: 'x', pipeline: [] }))).toMatchObject({ code: 72 });
    });

    it('what is of finds only', async () => {
      const { view, isFerretDb } = await made();
      if (isFerretDb) return;
      for (const option of [{ tailable: true }, { returnKey: true }, { showRecordId: true }, { min: { n: 1 } }]) {
        expect(await failure(view.find({}, option as object).toArray())).toMatchObject({ code: 168 });
      }
    });
  });
}
