import { describe, expect, it } from '@jest/globals';
import { Binary, Timestamp, type IndexDescription } from 'mongodb';
import { failure, type Target } from './target.js';

/** What mongoose's own test suite asks of a server beyond the other features. */
export function odmFeatures(target: () => Target): void {
  describe('reading with a hint', () => {
    it('asks the filter, too, when the hinted index has no bounds for it', async () => {
      const { things } = target();
      await things.insertMany([1, 2, 3].map((n) => ({ n })));
      const hint = '_id_';
      expect(await things.find({ n: { $gt: 2 } }, { hint }).toArray()).toMatchObject([{ n: 3 }]);
      expect(await things.aggregate([{ $match: { n: 1 } }], { hint }).toArray()).toMatchObject([{ n: 1 }]);
      expect(await things.countDocuments({ n: 2 }, { hint })).toBe(1);
      expect(await things.deleteMany({ n: { $lt: 3 } }, { hint })).toMatchObject({ deletedCount: 2 });
    });
  });

  describe('$pull', () => {
    it('takes a condition that begins with $or, $and or $nor', async () => {
      const { things, database, name } = target();
      await things.insertOne({ items: ['a', 'b', 'c', 'd'].map((each) => ({ name: each })) });
      const left = async (condition: object) => {
        await database.command({ update: name, updates: [{ q: {}, u: { $pull: { items: condition } } }] });
        return (await things.findOne())?.items.map((item: { name: string }) => item.name);
      };
      expect(await left({ $or: [{ name: 'a' }, { name: 'b' }] })).toEqual(['c', 'd']);
      expect(await left({ $nor: [{ name: 'c' }, { name: 'x' }] })).toEqual(['c']);
    });
  });

  describe('groups', () => {
    const sales = [
      { _id: 1, shop: 'a', sum: 5, info: { x: 1 } },
      { _id: 2, shop: 'a', sum: 9, info: { y: 2 } },
      { _id: 3, shop: 'b', sum: 7 },
    ];

    it('merge what an expression says of each document', async () => {
      const { things } = target();
      await things.insertMany(sales as never[]);
      const fields = { field: { $mergeObjects: '$info' }, made: { $mergeObjects: { last: '$sum' } } };
      expect(
        await things.aggregate([{ $group: { _id: '$shop', ...fields } }, { $sort: { _id: 1 } }]).toArray(),
      ).toEqual([
        { _id: 'a', field: { x: 1, y: 2 }, made: { last: 9 } },
        { _id: 'b', field: {}, made: { last: 7 } },
      ]);
    });

    it('take missing for null in a key, but not in one of several fields, nor in a set', async () => {
      const { things, isFerretDb } = target();
      await things.insertMany([{ _id: 1 }, { _id: 2, a: null }, { _id: 3, a: 'x' }] as never[]);
      const grouped = async (_id: unknown) => {
        const fields = { set: { $addToSet: '$a' }, first: { $first: '$a' } };
        return things
          .aggregate([{ $sort: { _id: 1 } }, { $group: { _id, ...fields } }, { $sort: { _id: 1 } }])
          .toArray();
      };
      const both = { set: [null], first: null };
      const x = { set: ['x'], first: 'x' };
      expect(await grouped('$a')).toEqual([
        { _id: null, ...both },
        { _id: 'x', ...x },
      ]);
      expect(await grouped({ a: '$a' })).toEqual([
        { _id: { a: null }, ...both },
        { _id: { a: 'x' }, ...x },
      ]);
      // FerretDB takes missing for null there, too, and adds null to the set.
      const missing = [{ _id: {}, set: [], first: null }];
      const rest = isFerretDb ? { b: null } : {};
      expect(await grouped({ a: '$a', b: '$b' })).toEqual([
        ...(isFerretDb ? [] : missing),
        { _id: { a: null, ...rest }, ...both },
        { _id: { a: 'x', ...rest }, ...x },
      ]);
    });

    it('have one top and one bottom, which may be a list', async () => {
      const { things } = target();
      await things.insertMany(sales as never[]);
      const top = { $top: { sortBy: { sum: -1 }, output: '$_id' } };
      const bottom = { $bottom: { sortBy: { sum: -1 }, output: ['$_id', '$sum'] } };
      expect(await things.aggregate([{ $group: { _id: null, top, bottom } }]).toArray()).toEqual([
        { _id: null, top: 2, bottom: [1, 5] },
      ]);
    });
  });

  describe('$graphLookup', () => {
    it('does not go on where the field is missing, but where it is null', async () => {
      const { things, name, isFerretDb } = target();
      const documents = [{ _id: 1, k: 1 }, { _id: 2, k: 2, up: 1 }, { _id: 3, up: null }, { _id: 4 }];
      await things.insertMany(documents as never[]);
      const found = things.aggregate([
        { $graphLookup: { from: name, startWith: '$up', connectFromField: 'up', connectToField: 'k', as: 'above' } },
        { $sort: { _id: 1 } },
        { $project: { above: { $sortArray: { input: '$above._id', sortBy: 1 } } } },
      ]);
      expect((await found.toArray()).map(({ above }) => above)).toEqual([[], [1], isFerretDb ? [] : [3, 4], []]);
    });
  });

  describe('$fill', () => {
    it('puts values, the last one or one in between where there is none', async () => {
      const { things } = target();
      await things.insertMany([
        { t: 1, a: 4, b: 'x' },
        { t: 2, a: null },
        { t: 3, a: 8, c: 1 },
      ]);
      const output = { a: { method: 'linear' }, b: { method: 'locf' }, c: { value: 0 } };
      const filled = things.aggregate([{ $fill: { sortBy: { t: 1 }, output } }, { $project: { _id: 0 } }]);
      expect(await filled.toArray()).toEqual([
        { t: 1, a: 4, b: 'x', c: 0 },
        { t: 2, a: 6, b: 'x', c: 0 },
        { t: 3, a: 8, b: 'x', c: 1 },
      ]);
    });
  });

  describe('$linearFill', () => {
    it('puts nothing before the first value and after the last', async () => {
      const { things } = target();
      const values = [null, 4, null, null, 10, null];
      await things.insertMany(values.map((n, t) => ({ t, n })));
      const output = { filled: { $linearFill: '$n' } };
      const stages = [{ $setWindowFields: { sortBy: { t: 1 }, output } }, { $sort: { t: 1 } }];
      const found = await things.aggregate(stages).toArray();
      expect(found.map(({ filled }): unknown => filled)).toEqual([null, 4, 6, 8, 10, null]);
    });
  });

  describe('dates', () => {
    it('made of parts begin with the first month and day', async () => {
      const { things } = target();
      await things.insertOne({});
      const parts = (operand: object) => ({ $dateFromParts: operand });
      const date = { year: parts({ year: 2020 }), month: parts({ year: 2020, month: 2 }) };
      expect(await things.aggregate([{ $project: { _id: 0, ...date } }]).toArray()).toEqual([
        { year: new Date('2020-01-01'), month: new Date('2020-02-01') },
      ]);
    });
  });

  /** What an expression is for a document without fields. */
  const valueOf = async (expression: unknown): Promise<unknown> => {
    const { things } = target();
    await things.insertOne({});
    const [found] = await things.aggregate([{ $project: { _id: 0, x: expression } }]).toArray();
    return found?.x;
  };
  const day = (text: string) => new Date(text);

  describe('dates by the calendar', () => {
    const cases: [title: string, expression: object, value: unknown][] = [
      [
        'a month after the 31st',
        { $dateAdd: { startDate: day('2020-01-31'), unit: 'month', amount: 1 } },
        day('2020-02-29'),
      ],
      ['parts that are too large', { $dateFromParts: { year: 2020, month: 14, day: 32 } }, day('2021-03-04')],
      ['parts by weeks', { $dateFromParts: { isoWeekYear: 2020, isoWeek: 5, isoDayOfWeek: 2 } }, day('2020-01-28')],
      ['the year of a week', { $isoWeekYear: day('2021-01-03') }, 2020],
      [
        'days of the week, percent',
        { $dateToString: { date: day('2021-03-14'), format: '%w %u %G %%' } },
        '1 7 2021 %',
      ],
    ];
    it.each(cases)('%s', async (_title, expression, value) => {
      expect(await valueOf(expression)).toEqual(value);
    });
  });

  describe('texts, bytes and objects', () => {
    const timestamp = new Timestamp({ t: 5, i: 3 });
    const cases: [title: string, expression: object, value: unknown][] = [
      ['a text after a place where it was', { $indexOfCP: ['hello', 'l', 3] }, 3],
      ['a text in bytes', { $indexOfBytes: ['étét', 't', 3] }, 5],
      ['the bytes of a text', { $binarySize: 'été' }, 5],
      ['the bytes of a binary', { $binarySize: new Binary(Buffer.from('ab')) }, 2],
      ['the halves of a timestamp', [{ $tsSecond: timestamp }, { $tsIncrement: timestamp }], [5, 3]],
      [
        'an object of pairs',
        {
          $arrayToObject: [
            {
              $literal: [
                ['a', 1],
                ['b', 2],
              ],
            },
          ],
        },
        { a: 1, b: 2 },
      ],
      ['an object of keys and values', { $arrayToObject: { $literal: [{ k: 'a', v: 1 }] } }, { a: 1 }],
      ['no field that is missing', { $objectToArray: { a: 1, b: '$none' } }, [{ k: 'a', v: 1 }]],
    ];
    it.each(cases)('%s', async (_title, expression, value) => {
      expect(await valueOf(expression)).toEqual(value);
    });

    it('are refused in two forms at once', async () => {
      const mixed = { $arrayToObject: { $literal: [['a', 1], { k: 'b', v: 2 }] } };
      expect(await failure(valueOf(mixed))).toMatchObject({ code: 40396 });
    });
  });

  describe('$merge', () => {
    it('has variables of the new document', async () => {
      const { things, database, name, isFerretDb } = target();
      if (isFerretDb) return;
      const into = database.collection<{ _id: number }>(`${name}-into`);
      await into.insertOne({ _id: 1 });
      await things.insertOne({ _id: 1 as never, n: 5 });
      const whenMatched = [{ $set: { n: '$$n', same: { $eq: ['$$new.n', 5] } } }];
      await things.aggregate([{ $merge: { into: into.collectionName, let: { n: '$n' }, whenMatched } }]).toArray();
      expect(await into.findOne()).toEqual({ _id: 1, n: 5, same: true });
    });
  });

  describe('$collStats', () => {
    it('tells what a collection holds', async () => {
      const { things, isFerretDb } = target();
      await things.insertMany([{}, {}]);
      const [found] = await things.aggregate([{ $collStats: { storageStats: {} } }]).toArray();
      // FerretDB estimates it from what PostgreSQL last gathered.
      const count = isFerretDb ? expect.any(Number) : 2;
      expect(found?.storageStats).toMatchObject({ count, size: expect.any(Number), nindexes: 1 });
    });
  });

  describe('several indexes at once', () => {
    it('differ from one another', async () => {
      const { things, database, name } = target();
      const create = (...indexes: IndexDescription[]) => database.command({ createIndexes: name, indexes });
      const same = { key: { a: 1 }, name: 'a' };
      expect(await failure(create(same, same))).toMatchObject({ code: 68 });
      expect(await failure(create(same, { key: { b: 1 }, name: 'a' }))).toMatchObject({ code: 86 });
      expect(await failure(create(same, { key: { a: 1 }, name: 'other' }))).toMatchObject({ code: 85 });
      await things.createIndex({ c: 1 });
      expect((await things.indexes()).map((index) => index.name)).toEqual(['_id_', 'c_1']);
    });

    it('are built all or not at all', async () => {
      const { things } = target();
      await things.insertMany([{ name: 'a' }, { name: 'a' }]);
      const wanted: IndexDescription[] = [{ key: { other: 1 } }, { key: { name: 1 }, unique: true }];
      expect(await failure(things.createIndexes(wanted))).toMatchObject({ name: 'MongoServerError' });
      expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_']);
    });
  });

  describe('collMod', () => {
    it('tells what was hidden before and is now', async () => {
      const { things, database, name } = target();
      await things.createIndex({ a: 1 });
      expect(await database.command({ collMod: name, index: { name: 'a_1', hidden: true } })).toMatchObject({
        hidden_old: false,
        hidden_new: true,
      });
    });
  });

  describe('options of an index that say no', () => {
    it('are listed when they are sparse, so that the schema that asked for it sees no difference', async () => {
      const { things } = target();
      await things.createIndex({ a: 1 }, { sparse: false });
      await things.createIndex({ b: 1 }, { unique: false, hidden: false });
      await things.createIndex({ c: 1 }, { unique: 1 as unknown as boolean, sparse: 1 as unknown as boolean });
      const [, a, b, c] = await things.indexes();
      expect(a).toMatchObject({ key: { a: 1 }, sparse: false });
      expect(b).not.toMatchObject({ unique: expect.anything() });
      expect(c).toMatchObject({ key: { c: 1 }, unique: true, sparse: true });
      expect(await things.createIndex({ a: 1 })).toBe('a_1');
    });
  });

  describe('the option background', () => {
    it('is listed as it was given', async () => {
      const { things, isFerretDb } = target();
      await things.createIndex({ a: 1 }, { background: false });
      const [, index] = await things.indexes();
      expect(index?.background).toBe(isFerretDb ? undefined : false);
      expect(await things.createIndex({ a: 1 })).toBe('a_1');
    });
  });

  describe('indexes that this server does not search', () => {
    it('are created and listed all the same, and writes go on', async () => {
      const { things, isFerretDb } = target();
      await things.createIndexes([
        { key: { title: 'text', body: 'text', year: 1 }, weights: { title: 5 } },
        { key: { place: '2dsphere' } },
        { key: { 'meta.$**': 1 } },
      ]);
      const place = { type: 'Point', coordinates: [1, 2] };
      await things.insertOne({ title: 'a', body: 'b', place, meta: { x: [1] } });
      await things.updateOne({ title: 'a' }, { $set: { body: 'c', 'meta.y': 2 } });
      expect(await things.countDocuments({ title: 'a', 'meta.x': 1, 'meta.y': 2 })).toBe(1);
      const [, text, geo, wildcard] = await things.indexes();
      expect(text).toMatchObject({
        key: { _fts: 'text', _ftsx: 1, year: 1 },
        weights: { title: 5, body: 1 },
        ...(!isFerretDb && { default_language: 'english' }),
        language_override: 'language',
        textIndexVersion: expect.any(Number),
      });
      expect(geo).toMatchObject({ key: { place: '2dsphere' }, '2dsphereIndexVersion': 3 });
      expect(wildcard).toMatchObject({ key: { 'meta.$**': 1 } });
    });

    it('conflict with others of their name or fields, and are dropped', async () => {
      const { things, isFerretDb } = target();
      await things.createIndex({ title: 'text' });
      expect(await things.createIndex({ title: 'text' })).toBe('title_text');
      const again = things.createIndex({ title: 'text' }, { weights: { title: 9 } });
      // FerretDB does not tell them apart.
      if (isFerretDb) await again;
      else expect((await failure(again)).code).toBe(85);
      await things.dropIndex('title_text');
      expect(await things.indexes()).toHaveLength(1);
    });

    it('are refused clearly when a query needs them', async () => {
      const { things, isFerretDb } = target();
      await things.insertOne({ title: 'a', place: [1, 2] });
      if (isFerretDb) return;
      for (const filter of [{ $text: { $search: 'a' } }, { place: { $near: [1, 2] } }, { place: { $within: {} } }]) {
        const error = await failure(things.find(filter as object).toArray());
        expect(error).toMatchObject({ code: 238, message: expect.stringContaining('not supported') });
      }
    });
  });
}
