import { describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';
import { failure, type Target } from './target.js';

/** What is asked, MongoDB's code, and FerretDB's where it is another one. */
type Refusal = [title: string, asked: Document, code: number, ferretDb?: number];

const THING = { _id: 1, n: 1, text: 'x', list: [1, 2], sub: { x: 1 }, lines: [{ k: 1 }] };

const UPDATES: Refusal[] = [
  ['$unset of the _id', { $unset: { _id: 1 } }, 66],
  ['$rename of the _id', { $rename: { _id: 'x' } }, 66],
  ['a replacement with a later $ field', { n: 1, $x: 1 }, 52],
  ['$set of a $ field', { $set: { $x: 1 } }, 52, 2],
  ['$rename from below an array', { $rename: { 'lines.k': 'z' } }, 2, 28],
  ['$rename to below an array', { $rename: { n: 'lines.0.k' } }, 2],
  ['$rename to itself', { $rename: { n: 'n' } }, 2, 40],
  ['$rename to a position', { $rename: { n: 'list.$' } }, 2],
  ['a path without a name', { $set: { '': 1 } }, 56],
  ['a path with an empty part', { $set: { 'sub..x': 1 } }, 56, 2],
  ['$slice by a text', { $push: { list: { $each: [1], $slice: 'x' } } }, 2],
  ['$position by a fraction', { $push: { list: { $each: [1], $position: 1.5 } } }, 2],
  ['$sort by nothing', { $push: { list: { $each: [1], $sort: { '': 1 } } } }, 2],
  ['$addToSet with more than $each', { $addToSet: { list: { $each: [1], $x: 1 } } }, 2],
  ['$currentDate of a number', { $currentDate: { at: 1 } }, 2],
  ['$currentDate with another option', { $currentDate: { at: { $foo: 'date' } } }, 2],
  ['$bit without an operation', { $bit: { n: {} } }, 2],
  ['a position at the start', { $set: { '$.list': 1 } }, 2],
  ['one element beside all of them', { $set: { 'lines.$[].k': 1, 'lines.0.x': 2 } }, 40],
  ['all elements of a number', { $set: { 'n.$[]': 1 } }, 2, 28],
  ['all elements of nothing', { $set: { 'nope.$[]': 1 } }, 2],
  ['two positions', { $set: { 'lines.$.$': 1 } }, 2],
];

const FILTERS: Refusal[] = [
  ['a pattern that is none', { text: { $regex: '(' } }, 51091],
  ['an unknown flag', { text: { $regex: 'x', $options: 'y' } }, 51108],
  ['$mod with three numbers', { n: { $mod: [2, 1, 3] } }, 2],
  ['$type of nothing', { n: { $type: [] } }, 9],
  ['$type of an unknown number', { n: { $type: 99 } }, 2],
];

const STAGES: Refusal[] = [
  ['two operators', { $match: {}, $limit: 1 }, 40323],
  ['$unwind of no path', { $unwind: 'list' }, 28818],
  ['$unwind of a number', { $unwind: 5 }, 15981],
  ['$group without _id', { $group: { n: { $sum: 1 } } }, 15955],
  ['$group by a number', { $group: 5 }, 15947],
  ['$group with a constant', { $group: { _id: null, n: 5 } }, 40234],
  ['$group with an unknown accumulator', { $group: { _id: null, n: { $foo: 1 } } }, 15952],
  ['$group with two accumulators', { $group: { _id: null, n: { $sum: 1, $avg: 1 } } }, 40238],
  ['$group into a path', { $group: { _id: null, 'n.x': { $sum: 1 } } }, 40235],
  ['an unknown variable', { $project: { x: '$$foo' } }, 17276],
  ['an accumulator outside of a group', { $project: { x: { $push: '$n' } } }, 31325, 115],
  ['an accumulator in $expr', { $match: { $expr: { $top: { sortBy: { n: 1 }, output: '$n' } } } }, 168, 31325],
  ['a filter for an expression', { $project: { x: { y: { $sampleRate: 0.5 } } } }, 31325],
  ['an unknown expression', { $addFields: { x: { $foo: 1 } } }, 168, 31325],
  ['an unknown expression in another', { $project: { x: { $add: [1, { $foo: 1 }] } } }, 168, 31325],
  ['$function', { $project: { x: { $function: { body: 'f', args: [], lang: 'js' } } } }, 238, 115],
  ['$accumulator', { $group: { _id: null, x: { $accumulator: { lang: 'js' } } } }, 238, 15952],
  ['$replaceRoot by a number', { $replaceRoot: { newRoot: '$n' } }, 40228],
  ['$limit 0', { $limit: 0 }, 15958],
  ['$skip by a text', { $skip: 'x' }, 5107200],
  ['$sort by nothing', { $sort: {} }, 15976],
  ['$count into a $ field', { $count: '$x' }, 40158],
  ['$match by a number', { $match: 5 }, 15959],
  ['$sample of less than one', { $sample: { size: -1 } }, 28747],
  ['$bucket with one boundary', { $bucket: { groupBy: '$n', boundaries: [1] } }, 40192],
  ['$bucket with falling boundaries', { $bucket: { groupBy: '$n', boundaries: [5, 1] } }, 40194],
  ['$bucket with one boundary twice', { $bucket: { groupBy: '$n', boundaries: [1, 1] } }, 40194],
  ['$bucket with boundaries of two types', { $bucket: { groupBy: '$n', boundaries: [1, 'x'] } }, 40193],
  ['$bucket with a field for a boundary', { $bucket: { groupBy: '$n', boundaries: ['$n', 5] } }, 40191],
  ['$bucket whose default is in a bucket', { $bucket: { groupBy: '$n', boundaries: [1, 5], default: 1 } }, 40199],
  ['$bucket with an unknown option', { $bucket: { groupBy: '$n', boundaries: [1, 5], foo: 1 } }, 40197],
  ['$bucket into a number', { $bucket: { groupBy: '$n', boundaries: [1, 5], output: 5 } }, 40196],
  ['$bucket by a constant', { $bucket: { groupBy: 5, boundaries: [1, 5] } }, 40202],
  ['$facet without pipelines', { $facet: {} }, 40169],
  ['$merge in an unknown way', { $merge: { into: 'm', whenMatched: 'x' } }, 2],
  ['$merge of new ones in an unknown way', { $merge: { into: 'm', whenNotMatched: 'x' } }, 2],
  ['$sortByCount of a constant', { $sortByCount: 'n' }, 40147],
];

const COMMANDS: [title: string, command: (name: string) => Document, code: number, ferretDb?: number][] = [
  ['find with an unknown field', (name) => ({ find: name, foo: 1 }), 40415, 2],
  ['find that skips backwards', (name) => ({ find: name, skip: -1 }), 51024, 5107200],
  ['find by a collation without a locale', (name) => ({ find: name, collation: { strength: 2 } }), 40414, 1],
  ['find by a collation that is a text', (name) => ({ find: name, collation: 'en' }), 14, 1],
  ['count by a language', (name) => ({ count: name, collation: { locale: 'en' } }), 238, 1],
  ['insert without documents', (name) => ({ insert: name }), 40414],
  ['insert with an unknown field', (name) => ({ insert: name, documents: [{}], foo: 1 }), 40415],
  ['update without updates', (name) => ({ update: name }), 40414],
  ['update of nothing', (name) => ({ update: name, updates: [{ u: {} }] }), 40414],
  ['delete without a limit', (name) => ({ delete: name, deletes: [{ q: {} }] }), 40414],
  ['distinct of no key', (name) => ({ distinct: name }), 40414, 2],
  ['distinct of a number', (name) => ({ distinct: name, key: 5 }), 14],
  ['an index without a name', (name) => ({ createIndexes: name, indexes: [{ key: { a: 1 } }] }), 9],
  ['an index without a key', (name) => ({ createIndexes: name, indexes: [{ name: 'a' }] }), 9],
  ['no index', (name) => ({ createIndexes: name, indexes: [] }), 2],
  ['an index with an unknown option', (name) => index(name, { foo: 1 }), 197],
  ['a partial index on what is not', (name) => index(name, { partialFilterExpression: { a: { $ne: 1 } } }), 67],
  [
    'an index both partial and sparse',
    (name) => index(name, { sparse: true, partialFilterExpression: { a: 1 } }),
    67,
    197,
  ],
  ['an index by a language', (name) => index(name, { collation: { locale: 'en' } }), 238, 115],
  ['a hashed index that is unique', (name) => index(name, { key: { a: 'hashed' }, unique: true }), 16764],
  ['an index on an operator', (name) => index(name, { key: { 'a.$b': 1 } }), 67],
  ['an index that is called *', (name) => index(name, { name: '*' }), 2],
  ['an index that is unique by a text', (name) => index(name, { unique: 'yes' }), 14],
  ['an index that is hidden by a text', (name) => index(name, { hidden: 'yes' }), 67],
  ['an index of another version', (name) => index(name, { v: 3 }), 67],
  ['an index on _id with options', (name) => index(name, { key: { _id: 1 }, name: '_id_', sparse: true }), 197, 86],
  ['another index by the name of that on _id', (name) => index(name, { name: '_id_' }), 2, 86],
  ['a collection with too long a name', () => ({ create: 'x'.repeat(256) }), 73],
  ['collMod with an unknown way to validate', (name) => ({ collMod: name, validationLevel: 'x' }), 2],
  ['an index to be made unique', (name) => ({ collMod: name, index: { name: 'z', unique: true } }), 72],
  ['no index to drop', (name) => ({ dropIndexes: name }), 40414],
];

const index = (name: string, options: Document): Document => ({
  createIndexes: name,
  indexes: [{ key: { a: 1 }, name: 'a', ...options }],
});

/** What MongoDB refuses, and the code that it does so with. */
export function refusalFeatures(target: () => Target): void {
  const expected = (code: number, ferretDb = code) => (target().isFerretDb ? ferretDb : code);

  describe('refusals', () => {
    // Rest parameters: of a row that is shorter than the parameters, jest makes a test that is to call back.
    it.each(UPDATES)('an update: %s', async (...[, change, code, ferretDb]) => {
      const { database, name, things } = target();
      await things.insertOne(THING as never);
      const { writeErrors } = await database.command({ update: name, updates: [{ q: { list: 1 }, u: change }] });
      expect(writeErrors).toMatchObject([{ index: 0, code: expected(code, ferretDb) }]);
      expect(await things.findOne()).toEqual(THING);
    });

    it.each(FILTERS)('a filter: %s', async (...[, filter, code, ferretDb]) => {
      const { database, name } = target();
      const { code: found } = await failure(database.command({ find: name, filter }));
      expect(found).toBe(expected(code, ferretDb));
    });

    it.each(STAGES)('a stage: %s', async (...[, stage, code, ferretDb]) => {
      const { things } = target();
      await things.insertOne(THING as never);
      const { code: found } = await failure(things.aggregate([stage]).toArray());
      expect(found).toBe(expected(code, ferretDb));
    });

    it('an unknown expression, whether or not it meets a document', async () => {
      const { things, name, isFerretDb } = target();
      // FerretDB waits for a document.
      if (isFerretDb) return;
      const unknown = { $foo: 1 };
      const joined = { from: name, let: { x: unknown }, pipeline: [], as: 'all' };
      expect(await failure(things.find({ $expr: unknown }).toArray())).toMatchObject({ code: 168 });
      expect(await failure(things.find({}, { projection: { x: unknown } }).toArray())).toMatchObject({ code: 31325 });
      expect(await failure(things.aggregate([{ $lookup: joined }]).toArray())).toMatchObject({ code: 168 });
      expect(await failure(things.aggregate([{ $redact: unknown }]).toArray())).toMatchObject({ code: 168 });
    });

    it.each(['$indexStats', '$collStats', '$currentOp'])('%s behind another stage', async (name) => {
      const { things } = target();
      await things.insertOne(THING as never);
      const asked = things.aggregate([{ $match: {} }, { [name]: {} }]).toArray();
      expect(await failure(asked)).toMatchObject({ code: 40602 });
    });

    it.each(COMMANDS)('a command: %s', async (...[, command, code, ferretDb]) => {
      const { database, name, things } = target();
      await database.createCollection(name);
      await things.createIndex({ z: 1 }, { name: 'z' });
      const { code: found } = await failure(database.command(command(name)));
      expect(found).toBe(expected(code, ferretDb));
    });

    it('a collection with an unknown way to validate', async () => {
      const { database, name, isFerretDb } = target();
      // FerretDB takes it.
      if (isFerretDb) return;
      expect(await failure(database.command({ create: name, validationAction: 'x' }))).toMatchObject({ code: 2 });
      expect(await database.listCollections({ name }).toArray()).toEqual([]);
    });

    it('a document that is too large', async () => {
      const { things } = target();
      expect(await failure(things.insertOne({ text: 'x'.repeat(2 ** 24) }))).toMatchObject({ code: 2 });
      expect(await things.countDocuments()).toBe(0);
    });

    it('an _id that is a pattern, or has $ fields', async () => {
      const { things } = target();
      expect(await failure(things.insertOne({ _id: /x/ as never }))).toMatchObject({ code: 2 });
      expect(await failure(things.insertOne({ _id: { $x: 1 } as never }))).toMatchObject({ code: 52 });
      expect(await things.countDocuments()).toBe(0);
    });
  });
}
