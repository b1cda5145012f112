import { describe, expect, it } from '@jest/globals';
import { BSONRegExp, Code, Decimal128, Double, Long, type Document } from 'mongodb';
import { failure, type Target } from './target.js';

// oxlint-disable-next-line unicorn/no-thenable
const branch = (when: unknown, value: unknown): Document => ({ case: when, then: value });

/** Operators as mongoose's own test suite uses them, and what lies beside. */
export function operatorFeatures(target: () => Target): void {
  const ids = async (filter: Document): Promise<unknown[]> =>
    (await target().things.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }): unknown => _id);

  describe('patterns', () => {
    const names: Document[] = [
      { _id: 1, s: 'Lamp', tags: ['red', 'Oak'] },
      { _id: 2, s: 'desk', tags: [] },
      { _id: 3, s: 'été' },
      { _id: 4, s: new BSONRegExp('^l', 'i') },
    ];
    const cases: [title: string, filter: Document, found: number[]][] = [
      ['by itself', { s: /^l/i }, [1, 4]],
      ['in a list', { s: { $in: [/^L/, 'desk'] } }, [1, 2]],
      ['as $regex with options', { s: { $regex: /^l/, $options: 'i' } }, [1, 4]],
      ['negated', { s: { $not: /^l/i } }, [2, 3]],
      ['in $all', { tags: { $all: [/^r/, /k$/] } }, [1]],
      ['of an element', { tags: { $elemMatch: { $regex: /^O/ } } }, [1]],
      ['below $or', { $or: [{ s: /^d/ }, { tags: /^r/ }] }, [1, 2]],
      ['of letters of any alphabet', { s: { $regex: '^\\p{L}+$' } }, [1, 2, 3]],
      ['as a stored value', { s: { $eq: /^l/i } }, [4]],
    ];

    it.each(cases)('%s: the same for find, count, and a pipeline', async (_title, filter, found) => {
      const { things } = target();
      await things.insertMany(names as never[]);
      expect(await ids(filter)).toEqual(found);
      expect(await things.countDocuments(filter)).toBe(found.length);
      const stages = [{ $project: { s: 1, tags: 1 } }, { $match: filter }, { $sort: { _id: 1 } }];
      expect((await things.aggregate(stages).toArray()).map(({ _id }): unknown => _id)).toEqual(found);
    });

    it('restrict what a graph is looked up in', async () => {
      const { things, name } = target();
      await things.insertMany([
        { _id: 1 as never, boss: null, s: 'Ana' },
        { _id: 2 as never, boss: 1, s: 'Ben' },
        { _id: 3 as never, boss: 2, s: 'Bea' },
        { _id: 4 as never, boss: 1, s: 'Cleo' },
      ]);
      const restrictSearchWithMatch = { s: /^b/i };
      const link = { startWith: '$_id', connectFromField: '_id', connectToField: 'boss', as: 'below' };
      const lookup = { $graphLookup: { from: name, ...link, restrictSearchWithMatch } };
      const [found] = await things.aggregate([{ $match: { _id: 1 } }, lookup]).toArray();
      expect(found?.below.map(({ s }: Document): unknown => s).toSorted()).toEqual(['Bea', 'Ben']);
    });

    it('are searched for by expressions', async () => {
      const { things } = target();
      await things.insertOne({ _id: 1 as never, s: 'éa banana' });
      const found = (search: Document) => things.aggregate([{ $project: { _id: 0, x: search } }]).toArray();
      expect(await found({ $regexMatch: { input: '$s', regex: /BAN/i } })).toEqual([{ x: true }]);
      expect(await found({ $regexFind: { input: '$s', regex: '(a)(x)?n' } })).toEqual([
        { x: { match: 'an', idx: 4, captures: ['a', null] } },
      ]);
      const [{ x } = {}] = await found({ $regexFindAll: { input: '$s', regex: 'AN', options: 'i' } });
      expect(x).toMatchObject([{ idx: 4 }, { idx: 6 }]);
      expect(await found({ $regexMatch: { input: '$missing', regex: 'x' } })).toEqual([{ x: false }]);
    });
  });

  describe('numbers', () => {
    it('of every type have a remainder and bits', async () => {
      const { things } = target();
      const values = [7, new Double(7.9), Long.fromString('9007199254740993'), Decimal128.fromString('3'), NaN, '7'];
      await things.insertMany(values.map((n, i) => ({ _id: i, n })) as never[]);
      expect(await ids({ n: { $mod: [2, 1] } })).toEqual([0, 1, 2, 3]);
      expect(await ids({ n: { $mod: [Decimal128.fromString('4'), 3] } })).toEqual([0, 1, 3]);
      expect(await ids({ n: { $bitsAllSet: [0] } })).toEqual([0, 2, 3]);
      expect((await failure(things.findOne({ n: { $bitsAllSet: [-1] } }))).code).toBe(2);
      const numbers = await things.aggregate([{ $match: { $expr: { $isNumber: '$n' } } }]).toArray();
      expect(numbers).toHaveLength(5);
    });

    it('are told from scripts with and without a scope by $type', async () => {
      const { things } = target();
      await things.insertMany([
        { _id: 1 as never, n: new Code('x') },
        { _id: 2 as never, n: new Code('x', { a: 1 }) },
      ]);
      expect(await ids({ n: { $type: 'javascript' } })).toEqual([1]);
      expect(await ids({ n: { $type: 15 } })).toEqual([2]);
    });
  });

  describe('projections', () => {
    const thing = { _id: 1, n: 1, list: [{ k: 1, t: [1, 2] }, { k: 2 }], nums: [5, 6], z: 0 };
    const shown = async (projection: Document, filter: Document = {}) =>
      (await target().things.findOne(filter, { projection })) ?? {};

    it('cut arrays that lie below arrays each', async () => {
      await target().things.insertOne(thing as never);
      expect(await shown({ 'list.t': { $slice: 1 } })).toEqual({ ...thing, list: [{ k: 1, t: [1] }, { k: 2 }] });
    });

    it('show the element that matches beside what is not excluded', async () => {
      await target().things.insertOne(thing as never);
      const { n: _n, ...rest } = thing;
      expect(await shown({ list: { $elemMatch: { k: 2 } }, n: 0 })).toEqual({ ...rest, list: [{ k: 2 }] });
      expect(await shown({ list: { $elemMatch: { k: 2 } } })).toEqual({ _id: 1, list: [{ k: 2 }] });
    });

    it.each<[title: string, projection: Document, code: number, ferretDb?: number]>([
      ['a position amid a path', { 'list.$.k': 1 }, 31394, 16410],
      ['a position that is excluded', { 'list.$': 0 }, 31395],
      ['two positions', { 'list.$': 1, 'nums.$': 1 }, 31276],
      ['a position with an operator', { 'list.$': { $slice: 1 } }, 31271],
      ['a position alone', { $: 1 }, 16410],
    ])('refuse %s, and then nothing is changed', async (...[, projection, code, ferretDb]) => {
      const { things, isFerretDb } = target();
      await things.insertOne(thing as never);
      const expected = isFerretDb ? (ferretDb ?? code) : code;
      expect((await failure(shown(projection, { 'list.k': 2 }))).code).toBe(expected);
      const change = things.findOneAndUpdate({ 'list.k': 2 }, { $set: { n: 9 } }, { projection });
      expect((await failure(change)).code).toBe(expected);
      expect(await things.findOne()).toEqual(thing);
    });
  });

  describe('expressions', () => {
    it.each<[title: string, expression: Document, code: number]>([
      ['a comparison of one', { $eq: ['$n'] }, 16020],
      ['a comparison of what is no list', { $gt: '$n' }, 16020],
      ['$switch without a branch for it', { $switch: { branches: [branch(false, 1)] } }, 40066],
      ['$switch without branches', { $switch: { branches: [] } }, 40068],
      ['a pattern that is none', { $regexMatch: { input: 'x', regex: '(' } }, 51111],
      ['a search in a number', { $regexFind: { input: '$n', regex: 'x' } }, 51104],
    ])('refuse %s', async (_title, expression, code) => {
      const { things } = target();
      await things.insertOne({ n: 1 });
      expect((await failure(things.aggregate([{ $project: { x: expression } }]).toArray())).code).toBe(code);
    });

    it('choose the first branch that holds, or the default', async () => {
      const { things } = target();
      await things.insertMany([1, 2, 3].map((n) => ({ _id: n as never, n })));
      const branches = [1, 2].map((n) => branch({ $eq: ['$n', n] }, `is ${n}`));
      const x = { $switch: { branches, default: 'more' } };
      const found = await things.aggregate([{ $sort: { _id: 1 } }, { $project: { _id: 0, x } }]).toArray();
      expect(found).toEqual([{ x: 'is 1' }, { x: 'is 2' }, { x: 'more' }]);
    });
  });

  describe('$sampleRate', () => {
    it('takes none, all, or about that share of the documents', async () => {
      const { things } = target();
      await things.insertMany(Array.from({ length: 1_000 }, (_, n) => ({ n })));
      expect(await things.countDocuments({ $sampleRate: 0 })).toBe(0);
      expect(await things.find({ $sampleRate: 1, n: { $lt: 5 } }).toArray()).toHaveLength(5);
      const half = await things.aggregate([{ $match: { $and: [{ $sampleRate: 0.5 }] } }]).toArray();
      expect(Math.abs(half.length - 500)).toBeLessThan(200);
      const beyond = await failure(things.findOne({ $sampleRate: 1.5 }));
      expect(beyond).toMatchObject({ code: 2, message: 'numeric argument to $sampleRate must be in [0, 1]' });
    });
  });

  describe('the natural order', () => {
    it('is that of insertion, either way', async () => {
      const { things } = target();
      await things.createIndex({ n: 1 });
      for (const _id of [3, 1, 2]) await things.insertOne({ _id: _id as never, n: 5 });
      const order = async (direction: 1 | -1) =>
        (await things.find({ n: 5 }).sort({ $natural: direction }).toArray()).map(({ _id }) => Number(_id));
      expect(await order(1)).toEqual([3, 1, 2]);
      expect(await order(-1)).toEqual([2, 1, 3]);
    });
  });

  describe('updates', () => {
    it('pull by conditions on several fields', async () => {
      const { things } = target();
      const list = [{ k: 1 }, { k: 2, v: 2 }, { k: 2, v: 3 }];
      await things.insertOne({ _id: 1 as never, list });
      await things.updateOne({}, { $pull: { list: { $or: [{ k: 1 }, { v: 3 }] } } } as never);
      expect(await things.findOne()).toEqual({ _id: 1, list: [{ k: 2, v: 2 }] });
    });

    it('do not change zero into zero of the other sign', async () => {
      const { things } = target();
      await things.insertOne({ _id: 1 as never, n: new Double(0) });
      expect((await things.updateOne({}, { $mul: { n: -1 } })).modifiedCount).toBe(0);
      expect(await things.findOne()).toEqual({ _id: 1, n: 0 });
    });

    it('never rename to the _id', async () => {
      const { things } = target();
      await things.insertOne({ _id: 1 as never, n: 1 });
      expect((await failure(things.updateOne({}, { $rename: { n: '_id' } }))).code).toBe(66);
      expect(await things.findOne()).toEqual({ _id: 1, n: 1 });
    });

    it('take the position in the array that was matched last', async () => {
      const { things } = target();
      await things.insertOne({ _id: 1 as never, a: [1, 2], b: [2, 1] });
      await things.updateOne({ a: 1, b: 1 }, { $set: { 'b.$': 9 } });
      expect(await things.findOne()).toMatchObject({ b: [2, 9] });
    });
  });
}
