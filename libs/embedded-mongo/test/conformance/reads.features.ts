import { describe, expect, it } from '@jest/globals';
import { DBRef, ObjectId, Timestamp } from 'mongodb';
import { failure, type Target } from './target.js';

export function findFeatures(target: () => Target): void {
  describe('find', () => {
    const people = [
      { _id: 1, name: 'Ana', age: 31, tags: ['a', 'b'], address: { city: 'Graz' }, seen: new Date('2026-01-01') },
      { _id: 2, name: 'Ben', age: 22, tags: [], address: { city: 'Linz' } },
      { _id: 3, name: 'Cleo', age: null, tags: ['b', 'c'], friend: new ObjectId('64b000000000000000000001') },
      { _id: 4, name: 'Éva', tags: 'b' },
    ];
    const cases: [title: string, filter: object, ids: number[]][] = [
      ['equality', { name: 'Ana' }, [1]],
      ['a path into a document', { 'address.city': 'Linz' }, [2]],
      ['an element of an array', { tags: 'b' }, [1, 3, 4]],
      ['a whole array', { tags: ['a', 'b'] }, [1]],
      ['null, which is also what is missing', { age: null }, [3, 4]],
      ['$exists', { age: { $exists: false } }, [4]],
      ['ranges within a type', { age: { $gt: 22 } }, [1]],
      ['dates', { seen: { $lt: new Date('2026-06-01') } }, [1]],
      ['ids', { friend: new ObjectId('64b000000000000000000001') }, [3]],
      ['$in', { name: { $in: ['Ben', 'Cleo', 'Nobody'] } }, [2, 3]],
      ['$nin', { name: { $nin: ['Ben', 'Cleo'] } }, [1, 4]],
      ['$ne on an array', { tags: { $ne: 'b' } }, [2]],
      ['$or', { $or: [{ age: 22 }, { name: 'Ana' }] }, [1, 2]],
      ['$nor', { $nor: [{ age: 22 }, { name: 'Ana' }] }, [3, 4]],
      ['$not', { age: { $not: { $gt: 25 } } }, [2, 3, 4]],
      ['$all', { tags: { $all: ['b', 'c'] } }, [3]],
      ['$size', { tags: { $size: 2 } }, [1, 3]],
      ['$elemMatch', { tags: { $elemMatch: { $gt: 'b' } } }, [3]],
      ['$regex', { name: /^[AB]/ }, [1, 2]],
      ['$regex without case', { name: { $regex: 'an', $options: 'i' } }, [1]],
      ['$type', { tags: { $type: 'array' } }, [1, 2, 3]],
      ['$mod', { age: { $mod: [2, 1] } }, [1]],
      ['$expr', { $expr: { $eq: [{ $size: { $cond: [{ $isArray: '$tags' }, '$tags', []] } }, 2] } }, [1, 3]],
    ];

    it.each(cases)('finds by %s', async (_title, filter, ids) => {
      const { things } = target();
      await things.insertMany(people as never[]);
      const found = await things.find(filter).sort({ _id: 1 }).toArray();
      expect(found.map(({ _id }) => _id)).toEqual(ids);
    });

    it('sorts through arrays by what an index would hold: an element without the field is null', async () => {
      const { things } = target();
      const lists = [[{ k: 1 }, { v: 2 }], [{ k: 0 }], [5, { k: 4 }], [{ k: [3, -1] }, { k: 2 }], [{ k: -2 }], []];
      await things.insertMany(lists.map((list, _id) => ({ _id: _id as never, list })));
      const ids = async (direction: 1 | -1) =>
        (await things.find().sort({ 'list.k': direction, _id: 1 }).toArray()).map(({ _id }) => _id as unknown);
      expect(await ids(1)).toEqual([0, 2, 5, 4, 3, 1]);
      expect(await ids(-1)).toEqual([2, 3, 0, 1, 4, 5]);
      const stages = [{ $sort: { 'list.k': 1, _id: 1 } }, { $project: { _id: 1 } }];
      expect((await things.aggregate(stages).toArray()).map(({ _id }) => _id as unknown)).toEqual([0, 2, 5, 4, 3, 1]);
      const first = await things.findOneAndDelete({}, { sort: { 'list.k': -1 } });
      expect(first?._id).toBe(2);
    });

    it('sorts across types in the order of BSON', async () => {
      const { things } = target();
      const values = [true, 'text', new Date(0), 5, null, { a: 1 }, new ObjectId(), 2.5];
      await things.insertMany(values.map((v, i) => ({ _id: i, v })) as never[]);
      const found = await things.find().sort({ v: 1 }).toArray();
      expect(found.map(({ _id }) => Number(_id))).toEqual([4, 7, 3, 1, 5, 6, 0, 2]);
    });

    it('skips, limits and projects', async () => {
      const { things } = target();
      await things.insertMany(people as never[]);
      expect(
        await things
          .find({}, { projection: { name: 1, _id: 0 } })
          .sort({ _id: -1 })
          .skip(1)
          .limit(2)
          .toArray(),
      ).toEqual([{ name: 'Cleo' }, { name: 'Ben' }]);
      expect(await things.findOne({ _id: 1 as never }, { projection: { tags: { $slice: -1 }, name: 1 } })).toEqual({
        _id: 1,
        name: 'Ana',
        tags: ['b'],
      });
      expect(Object.keys((await things.findOne({}, { projection: { address: 0, tags: 0 } })) ?? {})).not.toContain(
        'tags',
      );
    });

    it('reads a large result in batches, and forgets a cursor that is closed', async () => {
      const { things, database, name } = target();
      await things.insertMany(Array.from({ length: 1_000 }, (_, n) => ({ n })));
      let seen = 0;
      for await (const { n } of things.find().sort({ n: 1 }).batchSize(70)) expect(n).toBe(seen++);
      expect(seen).toBe(1_000);
      const { cursor } = await database.command({ find: name, batchSize: 1 }, { promoteLongs: false });
      await database.command({ killCursors: name, cursors: [cursor.id] });
      expect((await failure(database.command({ getMore: cursor.id, collection: name }))).code).toBe(43);
    });

    it('keeps the order of fields when an array is sliced', async () => {
      const { things } = target();
      await things.insertOne({ _id: 1 as never, a: 1, list: [1, 2], z: 1 });
      const found = await things.findOne({}, { projection: { z: 1, list: { $slice: 1 }, a: 1 } });
      expect(Object.entries(found ?? {})).toEqual(Object.entries({ _id: 1, a: 1, list: [1], z: 1 }));
    });

    it('finds by the fields of references', async () => {
      const { things } = target();
      const at = new DBRef('people', new ObjectId('64b000000000000000000001'));
      await things.insertMany([{ _id: 1 as never, at, list: [at] }, { _id: 2 as never }]);
      for (const filter of [{ at }, { 'at.$id': at.oid }, { 'list.$id': at.oid }, { at: { $in: [at] } }])
        expect(await things.find(filter).toArray()).toMatchObject([{ _id: 1 }]);
    });

    it('leaves timestamps what they are, in pipelines, too', async () => {
      const { things } = target();
      const at = new Timestamp({ t: 5, i: 2 });
      await things.insertOne({ _id: 1 as never, at });
      await things.updateOne({}, [{ $set: { n: 1, again: '$at' } }]);
      expect(await things.aggregate([{ $addFields: { type: { $type: '$at' } } }]).toArray()).toEqual([
        { _id: 1, at, n: 1, again: at, type: 'timestamp' },
      ]);
    });

    it('leaves out what no longer matches when a slow cursor comes to it', async () => {
      const { things, isFerretDb } = target();
      await things.createIndex({ state: 1 });
      await things.insertMany(Array.from({ length: 10 }, (_, i) => ({ _id: i as never, state: 'new' })));
      const cursor = things.find({ state: 'new' }, { batchSize: 2 });
      await cursor.next();
      await things.updateMany({ _id: { $gte: 5 as never } }, { $set: { state: 'old' } });
      const rest = await cursor.toArray();
      // PostgreSQL, below FerretDB, reads all at one moment.
      if (!isFerretDb) expect(rest.filter(({ state }) => state !== 'new')).toEqual([]);
    });

    it('finds by a hashed index', async () => {
      const { things } = target();
      await things.createIndex({ name: 'hashed' });
      await things.insertMany(people as never[]);
      expect(await things.find({ name: 'Ben' }).toArray()).toMatchObject([{ _id: 2 }]);
    });

    it('counts and lists distinct values', async () => {
      const { things, database, name } = target();
      await things.insertMany(people as never[]);
      expect(await things.countDocuments({ tags: 'b' })).toBe(3);
      expect(await things.countDocuments({}, { skip: 1, limit: 2 })).toBe(2);
      expect((await things.distinct('tags')).toSorted()).toEqual(['a', 'b', 'c']);
      expect(await database.command({ count: name, limit: -2 })).toMatchObject({ n: 2 });
      await things.insertOne({ nested: [1, [2, 3]] });
      expect(await things.distinct('nested')).toEqual([1, [2, 3]]);
    });
  });
}

export function aggregateFeatures(target: () => Target): void {
  describe('aggregate', () => {
    const orders = [
      {
        _id: 1,
        buyer: 'ana',
        total: 10,
        lines: [
          { sku: 'lamp', q: 1 },
          { sku: 'desk', q: 2 },
        ],
      },
      { _id: 2, buyer: 'ben', total: 20, lines: [{ sku: 'lamp', q: 3 }] },
      { _id: 3, buyer: 'ana', total: 30, lines: [] },
    ];
    const cases: [title: string, pipeline: object[], result: unknown[]][] = [
      [
        'groups with sums',
        [{ $group: { _id: '$buyer', n: { $sum: 1 }, total: { $sum: '$total' } } }, { $sort: { _id: 1 } }],
        [
          { _id: 'ana', n: 2, total: 40 },
          { _id: 'ben', n: 1, total: 20 },
        ],
      ],
      [
        'unwinds',
        [{ $unwind: '$lines' }, { $group: { _id: '$lines.sku', q: { $sum: '$lines.q' } } }, { $sort: { _id: 1 } }],
        [
          { _id: 'desk', q: 2 },
          { _id: 'lamp', q: 4 },
        ],
      ],
      [
        'computes fields',
        [{ $match: { _id: 1 } }, { $project: { _id: 0, twice: { $multiply: ['$total', 2] }, skus: '$lines.sku' } }],
        [{ twice: 20, skus: ['lamp', 'desk'] }],
      ],
      [
        'sorts and limits',
        [{ $sort: { total: -1 } }, { $limit: 1 }, { $project: { total: 1 } }],
        [{ _id: 3, total: 30 }],
      ],
      ['counts', [{ $match: { buyer: 'ana' } }, { $count: 'n' }], [{ n: 2 }]],
      [
        'runs facets',
        [
          {
            $facet: {
              n: [{ $count: 'n' }],
              top: [{ $sort: { total: -1 } }, { $limit: 1 }, { $project: { total: 1 } }],
            },
          },
        ],
        [{ n: [{ n: 3 }], top: [{ _id: 3, total: 30 }] }],
      ],
      [
        'sums up to each document, by partition and order',
        [
          {
            $setWindowFields: {
              partitionBy: '$buyer',
              sortBy: { _id: 1 },
              output: { sum: { $sum: '$total', window: { documents: ['unbounded', 'current'] } } },
            },
          },
          { $project: { sum: 1 } },
        ],
        [
          { _id: 1, sum: 10 },
          { _id: 3, sum: 40 },
          { _id: 2, sum: 20 },
        ],
      ],
      [
        'fills the gaps of a sequence',
        [
          { $match: { _id: { $ne: 2 } } },
          { $project: { _id: 0, at: '$_id' } },
          { $densify: { field: 'at', range: { step: 1, bounds: [0, 5] } } },
          { $group: { _id: null, at: { $push: '$at' } } },
        ],
        [{ _id: null, at: [0, 1, 2, 3, 4] }],
      ],
      [
        'sorts into buckets by their lower boundary',
        [{ $bucket: { groupBy: '$total', boundaries: [0, 20, 30], default: 'more' } }],
        [
          { _id: 0, count: 1 },
          { _id: 20, count: 1 },
          { _id: 'more', count: 1 },
        ],
      ],
      [
        'draws each document once at most',
        [{ $sample: { size: 10 } }, { $group: { _id: '$_id', n: { $sum: 1 } } }, { $sort: { _id: 1 } }],
        [
          { _id: 1, n: 1 },
          { _id: 2, n: 1 },
          { _id: 3, n: 1 },
        ],
      ],
      [
        'prunes documents',
        [{ $redact: { $cond: [{ $eq: ['$buyer', 'ben'] }, '$$KEEP', '$$PRUNE'] } }, { $project: { buyer: 1 } }],
        [{ _id: 2, buyer: 'ben' }],
      ],
      [
        'replaces the root',
        [{ $match: { _id: 2 } }, { $unwind: '$lines' }, { $replaceRoot: { newRoot: '$lines' } }],
        [{ sku: 'lamp', q: 3 }],
      ],
    ];

    it.each(cases)('%s', async (_title, pipeline, result) => {
      const { things } = target();
      await things.insertMany(orders as never[]);
      expect(await things.aggregate(pipeline).toArray()).toEqual(result);
    });

    it('joins by field and by pipeline', async () => {
      const { things, database, name } = target();
      await things.insertMany(orders as never[]);
      await database.collection(`${name}-people`).insertMany([{ _id: 'ana' as never, city: 'Graz' }]);
      const from = `${name}-people`;
      const byField = { $lookup: { from, localField: 'buyer', foreignField: '_id', as: 'who' } };
      const found = await things.aggregate([byField, { $sort: { _id: 1 } }, { $project: { who: 1 } }]).toArray();
      expect(found.map(({ who }) => who.length)).toEqual([1, 0, 1]);
      const pipeline = [{ $match: { $expr: { $eq: ['$_id', '$$b'] } } }, { $project: { _id: 0, city: 1 } }];
      const byPipeline = { $lookup: { from, let: { b: '$buyer' }, pipeline, as: 'who' } };
      expect(await things.aggregate([{ $match: { _id: 1 } }, byPipeline, { $project: { who: 1 } }]).toArray()).toEqual([
        { _id: 1, who: [{ city: 'Graz' }] },
      ]);
    });

    it('computes the boundaries of buckets', async () => {
      const { things, isFerretDb } = target();
      // FerretDB compares them as they are written.
      if (isFerretDb) return;
      await things.insertMany(orders as never[]);
      const boundaries = [{ $literal: 0 }, { $add: [10, 10] }, 30];
      const found = things.aggregate([{ $bucket: { groupBy: '$total', boundaries, default: { $literal: 'x' } } }]);
      expect(await found.toArray()).toEqual([
        { _id: 0, count: 1 },
        { _id: 20, count: 1 },
        { _id: 'x', count: 1 },
      ]);
    });

    it('stores results with $merge and $out', async () => {
      const { things, database, name } = target();
      await things.insertMany(orders as never[]);
      const totals = { $group: { _id: '$buyer', total: { $sum: '$total' } } };
      const merged = database.collection(`${name}-totals`);
      await merged.insertOne({ _id: 'ana' as never, since: 2020 });
      await things.aggregate([totals, { $merge: { into: `${name}-totals` } }]).toArray();
      expect(await merged.find().sort({ _id: 1 }).toArray()).toEqual([
        { _id: 'ana', since: 2020, total: 40 },
        { _id: 'ben', total: 20 },
      ]);
      await things.aggregate([{ $match: { _id: 1 } }, { $out: `${name}-totals` }]).toArray();
      expect(await merged.countDocuments()).toBe(1);
    });

    it('leaves what $out was to replace when a new document fails', async () => {
      const { things, database, name } = target();
      await things.insertMany(orders as never[]);
      const kept = database.collection(`${name}-kept`);
      await kept.createIndex({ buyer: 1 }, { unique: true });
      await kept.insertOne({ _id: 9 as never, buyer: 'zoe' });
      await failure(things.aggregate([{ $out: `${name}-kept` }]).toArray());
      expect(await kept.find().toArray()).toEqual([{ _id: 9, buyer: 'zoe' }]);
      expect((await failure(kept.insertOne({ buyer: 'zoe' }))).code).toBe(11000);
      await failure(things.aggregate([{ $project: { _id: [1] } }, { $out: `${name}-new` }]).toArray());
      expect(await database.listCollections({ name: /-new$|^tmp/ }).toArray()).toEqual([]);
    });

    it('refuses an unknown stage and an unknown expression', async () => {
      const { things } = target();
      await things.insertOne({});
      expect((await failure(things.aggregate([{ $nope: {} }]).toArray())).code).toBe(40324);
      expect((await failure(things.aggregate([{ $project: { a: { $nope: 1 } } }]).toArray())).code).toEqual(
        expect.any(Number),
      );
    });
  });
}
