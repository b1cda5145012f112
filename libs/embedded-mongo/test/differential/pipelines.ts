import { Decimal128, Long, type Document } from 'bson';
import { filter, projection } from './filters.js';
import { documentGroups, elementGroups } from './groups.js';
import type { Random } from './random.js';
import { anyNumber, small } from './values.js';

const KEYS = ['$s', '$sub.x', '$n', '$any', null];

const accumulators = (random: Random): Document => ({
  count: { $sum: 1 },
  ...random.one<Document>(
    () => ({ total: { $sum: '$sub.x' }, mean: { $avg: '$sub.x' } }),
    () => ({ low: { $min: '$n' }, high: { $max: '$n' } }),
    () => ({ first: { $first: '$_id' }, last: { $last: '$_id' } }),
    () => ({ total: { $sum: '$_id' } }),
    () => ({ total: { $sum: '$n' }, mean: { $avg: '$n' } }),
    () => ({ total: { $sum: '$made' }, mean: { $avg: '$counters.a' } }),
    () => ({ total: { $sum: { $multiply: [{ $ifNull: ['$sub.x', 1] }, anyNumber(random)] } } }),
  ),
});

const computed = (random: Random): Document =>
  random.one<Document>(
    () => ({ made: { $add: ['$sub.x', 2] } }),
    () => ({ made: { $concat: ['$s', '!'] } }),
    () => ({ made: { $cond: [{ $gte: ['$sub.x', small(random)] }, 'big', 'small'] } }),
    () => ({ made: { $map: { input: '$lines', in: { $multiply: ['$$this.quantity', 2] } } } }),
    () => ({ made: { $sum: '$lines.quantity' } }),
    () => ({ made: { $ifNull: ['$any', 'none'] } }),
    () => ({ made: { $arrayElemAt: ['$tags', random.pick([0, -1])] } }),
    () => ({ made: { $size: { $setUnion: [{ $ifNull: ['$tags', []] }, ['z']] } } }),
    () => ({ made: { $dateToString: { date: '$at', format: '%Y-%m-%d' } } }),
    () => ({ made: { $reduce: { input: '$nums', initialValue: 0, in: { $add: ['$$value', '$$this'] } } } }),
    () => ({ made: { $max: ['$n', '$sub.x'] } }),
    () => ({ made: { $in: ['lamp', { $ifNull: ['$tags', []] }] } }),
    () => ({ made: { $toString: '$_id' } }),
    () => ({ made: { $regexMatch: { input: { $ifNull: ['$s', ''] }, regex: 'a', options: 'i' } } }),
    () => ({ made: { $filter: { input: '$lines', as: 'l', cond: { $gt: ['$$l.quantity', 0] } } } }),
    () => ({ made: { $isArray: '$nums' } }),
    () => ({ made: { $size: { $ifNull: ['$tags', []] } } }),
    () => ({ made: { $literal: '$s' } }),
    () => ({ made: { $let: { vars: { a: '$sub.x' }, in: { $subtract: ['$$a', 1] } } } }),
  );

const UNARY = ['$abs', '$ceil', '$floor', '$round', '$trunc', '$toInt', '$toLong', '$toDouble', '$toDecimal', '$type'];

/** Of two fields that are numbers, of any width. */
const calculated = (random: Random): Document =>
  random.one<Document>(
    () => ({ made: { [random.pick(['$add', '$subtract', '$multiply'])]: ['$n', '$sub.x'] } }),
    () => ({ made: { [random.pick(['$add', '$subtract', '$multiply'])]: ['$n', anyNumber(random)] } }),
    () => ({ made: { [random.pick(['$sum', '$avg', '$min', '$max'])]: ['$n', '$sub.x', '$made', anyNumber(random)] } }),
    () => ({ made: { $divide: ['$n', random.pick<unknown>([4, Long.fromNumber(2), Decimal128.fromString('3')])] } }),
    () => ({ made: { $mod: ['$n', random.pick<unknown>([2, Long.fromNumber(3), Decimal128.fromString('2')])] } }),
    () => ({ made: { [random.pick(UNARY)]: '$n' } }),
    () => ({ made: { [random.pick(['$round', '$trunc'])]: ['$n', random.pick([1, 0, -1])] } }),
    () => ({ made: { [random.pick(['$pow', '$eq', '$cmp', '$gt'])]: ['$sub.x', random.pick<unknown>([2, 0])] } }),
    () => ({ made: { $map: { input: ['$n', '$sub.x'], in: { $add: ['$$this', 1] } } } }),
    () => ({ made: { $cond: ['$n', '$sub.x', '$n'] }, n: 1 }),
  );

const NUMBERS_ONLY = { $match: { n: { $type: 'number' }, 'sub.x': { $type: 'number' } } };

function stages(random: Random, documents: number, other: string): Document[] {
  const sorted = { $sort: { _id: random.pick([1, -1]) } };
  return random.one<Document[]>(
    () => [sorted, { $group: { _id: random.pick(KEYS), ...accumulators(random) } }, { $sort: { count: 1, _id: 1 } }],
    () => elementGroups(random),
    () => elementGroups(random),
    () => documentGroups(random),
    () => [{ $project: computed(random) }, sorted],
    () => [{ $addFields: computed(random) }, sorted],
    () => [NUMBERS_ONLY, { $addFields: calculated(random) }, sorted],
    () => [NUMBERS_ONLY, { $project: calculated(random) }, sorted],
    () => [
      { $unwind: random.pick(['$tags', '$nums', '$lines']) },
      { $sort: { _id: 1, tags: 1, nums: 1, 'lines.sku': 1, 'lines.quantity': 1 } },
    ],
    () => [
      { $unwind: { path: '$tags', preserveNullAndEmptyArrays: true, includeArrayIndex: 'i' } },
      { $sort: { _id: 1, i: 1 } },
    ],
    () => [
      {
        $lookup: {
          from: other,
          localField: random.pick(['sub.x', 'nums', 'missing', 'n']),
          foreignField: '_id',
          as: 'found',
        },
      },
      sorted,
    ],
    () => [
      sorted,
      { $limit: 5 },
      {
        $lookup: {
          from: other,
          let: { x: '$sub.x' },
          pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$x'] } } }, { $project: { s: 1 } }],
          as: 'found',
        },
      },
    ],
    () => [{ $facet: { all: [{ $count: 'n' }], some: [sorted, { $limit: 2 }, { $project: { s: 1 } }] } }],
    () => [{ $sortByCount: '$s' }, { $sort: { count: 1, _id: 1 } }],
    () => [sorted, { $skip: random.below(4) }, { $limit: 1 + random.below(5) }],
    () => [{ $count: 'n' }],
    () => [{ $project: { ...projection(random), _id: 1 } }, sorted].filter((stage) => !hasOwnFindOnly(stage)),
    () => [{ $replaceRoot: { newRoot: { $mergeObjects: [{ _id: '$_id' }, '$sub'] } } }, sorted],
    () => [{ $unset: ['tags', 'sub.x'] }, sorted],
    () => [{ $match: filter(random, documents) }, sorted],
  );
}

/** find's own `$slice` and `$elemMatch` are none of `$project`'s. */
const hasOwnFindOnly = (stage: Document): boolean => /"\$(slice|elemMatch)"/.test(JSON.stringify(stage));

export const pipeline = (random: Random, documents: number, other: string): Document[] => [
  { $match: filter(random, documents) },
  ...stages(random, documents, other),
];
