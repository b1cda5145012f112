import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Int32, Long, type Document } from 'mongodb';
import { failure, type Target } from './target.js';

const RAW = { promoteValues: false } as const;

const stored = {
  int: new Int32(1),
  long: Long.fromNumber(2),
  whole: new Double(3),
  real: new Double(3.5),
  big: Long.MAX_VALUE,
  decimal: Decimal128.fromString('4.50'),
  list: [Long.ONE, new Double(2), { deep: Long.fromNumber(3) }],
};

/** Numbers in the BSON types that they were stored in, whatever way they come back. */
export function numberFeatures(target: () => Target): void {
  const insert = () => target().things.insertOne({ _id: new Int32(1) as never, ...stored });
  const expected = { _id: new Int32(1), ...stored };
  const all = (stages: Document[]) => target().things.aggregate(stages, RAW).toArray();
  const read = () => target().things.findOne({}, RAW);

  describe('numbers', () => {
    it('come back as they were stored through find, projections and changes', async () => {
      const { things } = target();
      await insert();
      expect(await read()).toEqual(expected);
      const { int: _int, ...rest } = expected;
      expect(await things.findOne({}, { ...RAW, projection: { int: 0 } })).toEqual(rest);
      const projection = { _id: 0, long: 1, 'list.deep': 1, copy: '$whole' };
      expect(await things.findOne({}, { ...RAW, projection })).toEqual({
        long: stored.long,
        list: [{ deep: Long.fromNumber(3) }],
        copy: stored.whole,
      });
      const changed = { ...expected, made: new Int32(9) };
      const change = { $set: { made: new Int32(9) } };
      expect(await things.findOneAndUpdate({}, change, { ...RAW, returnDocument: 'after' })).toEqual(changed);
      await things.updateOne({}, [{ $set: { made: '$big', nothing: '$$REMOVE' } }]);
      expect(await read()).toEqual({ ...changed, made: stored.big });
      expect(await things.findOneAndDelete({}, RAW)).toEqual({ ...changed, made: stored.big });
    });

    it.each<[title: string, stages: Document[]]>([
      ['$match', [{ $match: { long: 2, whole: { $gt: 2 } } }]],
      ['$addFields', [{ $addFields: { made: '$long' } }, { $unset: 'made' }]],
      ['$project', [{ $project: { made: 0 } }]],
      ['$replaceRoot', [{ $replaceRoot: { newRoot: '$$ROOT' } }]],
      ['$sort', [{ $project: { made: 0 } }, { $sort: { whole: -1 } }, { $skip: Long.ZERO }, { $limit: Long.ONE }]],
      ['$group', [{ $group: { _id: '$int', one: { $first: '$$ROOT' } } }, { $replaceWith: '$one' }]],
      ['$facet', [{ $facet: { one: [{ $match: {} }] } }, { $unwind: '$one' }, { $replaceWith: '$one' }]],
    ])('come back as they were stored through %s', async (_title, stages) => {
      await insert();
      expect(await all(stages)).toEqual([expected]);
    });

    it('of equal value are one group, and are found in another collection, whatever their types', async () => {
      const { things, name } = target();
      const values = [new Int32(2), Long.fromNumber(2), new Double(2), new Double(3)];
      await things.insertMany(values.map((n, i) => ({ _id: i as never, n })));
      const groups = await all([{ $group: { _id: '$n', count: { $sum: 1 } } }, { $sort: { count: 1 } }]);
      expect(groups.map(({ count }): unknown => count)).toEqual([new Int32(1), new Int32(3)]);
      const lookup = { from: name, localField: 'n', foreignField: '_id', as: 'found' };
      const found = await all([{ $match: { _id: { $lt: 2 } } }, { $lookup: lookup }, { $unwind: '$found' }]);
      expect(found.map(({ found: { n } }: Document): unknown => n)).toEqual([values[2], values[2]]);
    });

    it.each<[expression: Document, result: unknown]>([
      [{ $add: ['$int', '$whole'] }, new Double(4)],
      [{ $add: ['$int', '$long'] }, Long.fromNumber(3)],
      [{ $subtract: ['$big', '$int'] }, Long.MAX_VALUE.subtract(1)],
      [{ $multiply: ['$decimal', '$long'] }, Decimal128.fromString('9.00')],
      [{ $divide: ['$long', '$int'] }, new Double(2)],
      [{ $sum: ['$int', '$int'] }, new Int32(2)],
      [{ $avg: ['$int', '$whole'] }, new Double(2)],
      [{ $toInt: '$whole' }, new Int32(3)],
      [{ $toLong: '$int' }, Long.ONE],
      [{ $toDecimal: '$real' }, Decimal128.fromString('3.50000000000000')],
      [{ $map: { input: '$list', in: '$$this' } }, stored.list],
      [{ $filter: { input: '$list', cond: { $isNumber: '$$this' } } }, [Long.ONE, new Double(2)]],
    ])('%j is as wide as MongoDB makes it', async (expression, result) => {
      await insert();
      expect(await all([{ $project: { _id: 0, made: expression } }])).toEqual([{ made: result }]);
    });

    it.each([
      ['2.5', 2],
      ['3.5', 4],
      ['-3.5', -4],
      ['2.6', 3],
    ])(
      '%s milliseconds as a decimal bring a date on by %i: from the middle to the even one',
      async (text, expected) => {
        await insert();
        const made = { $add: [new Date(1000), Decimal128.fromString(text)] };
        expect(await all([{ $project: { _id: 0, made } }])).toEqual([{ made: new Date(1000 + expected) }]);
      },
    );

    it.each([
      [0.4, -1],
      [2.5, -3],
      [-0.6, 0],
      [-1.5, 1],
    ])('%d milliseconds before a date are in the millisecond that has begun then: %i', async (less, expected) => {
      await insert();
      for (const number of [less, Decimal128.fromString(String(less))]) {
        const made = { $subtract: [new Date(1000), number] };
        expect(await all([{ $project: { _id: 0, made } }])).toEqual([{ made: new Date(1000 + expected) }]);
      }
    });

    it('grow by updates, to int64 and no further', async () => {
      const { things } = target();
      await insert();
      const increment = { int: new Int32(2 ** 31 - 1), long: new Int32(1), whole: new Int32(1), decimal: Long.ONE };
      await things.updateOne({}, { $inc: increment });
      expect(await read()).toMatchObject({
        int: Long.fromNumber(2 ** 31),
        long: Long.fromNumber(3),
        whole: new Double(4),
        decimal: Decimal128.fromString('5.50'),
      });
      expect((await failure(things.updateOne({}, { $inc: { big: 1 } }))).code).toBe(2);
    });

    it('are told apart by $type', async () => {
      const { things } = target();
      await insert();
      for (const [field, type] of [
        ['int', 'int'],
        ['long', 'long'],
        ['whole', 'double'],
        ['decimal', 'decimal'],
      ] as const) {
        const others = ['int', 'long', 'double', 'decimal'].filter((other) => other !== type);
        expect(await things.countDocuments({ [field]: { $type: type } })).toBe(1);
        expect(await things.countDocuments({ [field]: { $type: others as never } })).toBe(0);
        expect(await all([{ $project: { _id: 0, x: { $type: `$${field}` } } }])).toEqual([{ x: type }]);
      }
    });
  });
}
