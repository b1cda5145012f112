import type { Document } from 'bson';
import type { Random } from './random.js';
import { small, word } from './values.js';

const ARRAYS = ['tags', 'nums', 'lines'];
/** Fields that hold what is no array: text, a number, null, or nothing. */
const OTHERS = ['any', 's', 'sub', 'missing', 'sub.x'];

const unwind = (random: Random, path: string): Document => {
  if (random.chance(0.5)) return { $unwind: path };
  return {
    $unwind: {
      path,
      ...(random.chance(0.6) && { preserveNullAndEmptyArrays: random.chance(0.7) }),
      ...(random.chance(0.5) && { includeArrayIndex: random.pick(['i', 'sub.i']) }),
    },
  };
};

const key = (random: Random): unknown =>
  random.pick<unknown>([
    '$tags',
    '$lines.sku',
    '$nums',
    '$s',
    '$any',
    '$sub.x',
    '$missing',
    null,
    1,
    { sku: '$lines.sku', s: '$s' },
    { tag: '$tags', at: '$at' },
    { s: { $ifNull: ['$s', 'none'] }, i: '$i' },
  ]);

const VALUES = ['$lines.quantity', '$nums', '$sub.x', '$n', '$tags', '$lines.sku', '$s', '$at', '$i', '$missing'];

const alike = (unwound: string): string[] => VALUES.filter((value) => value !== '$i' && !value.startsWith(unwound));

/** What is added to a set is of one type: of equal numbers of several types any may stand for all. */
const SET_VALUES = ['$tags', '$lines.sku', '$s', '$at', '$_id', '$missing', { $ifNull: ['$lines.sku', ''] }];

/**
 * `$first` and `$last` are of what all elements of a document have alike: behind a sort FerretDB takes any of those that
 * are equal in it.
 */
const accumulator = (random: Random, unwound: string): Document =>
  random.one<Document>(
    () => ({ total: { $sum: random.pick<unknown>([1, ...VALUES]) } }),
    () => ({ mean: { $avg: random.pick(VALUES) } }),
    () => ({ low: { $min: random.pick(VALUES) } }),
    () => ({ high: { $max: random.pick(VALUES) } }),
    () => ({ first: { $first: random.pick(alike(unwound)) } }),
    () => ({ last: { $last: random.pick(alike(unwound)) } }),
    () => ({ list: { $push: random.pick<unknown>([...VALUES, { i: '$i', sku: '$lines.sku' }]) } }),
    () => ({ set: { $addToSet: random.pick<unknown>(SET_VALUES) } }),
    () => ({ count: { $count: {} } }),
    () => ({ total: { $sum: { $multiply: [{ $ifNull: ['$sub.x', small(random)] }, 2] } } }),
    () => ({ low: { $min: { $ifNull: ['$tags', word(random)] } } }),
  );

/** Elements by groups: the pair of stages that is one step where nobody can tell. In order, so that `$first` means one. */
export const elementGroups = (random: Random): Document[] => {
  const path = `$${random.pick(random.chance(0.8) ? ARRAYS : OTHERS)}`;
  const fields = Array.from({ length: 1 + random.below(4) }, () => accumulator(random, path));
  const group = { $group: { _id: key(random), ...Object.assign({}, ...fields) } };
  return [{ $sort: { _id: 1 } }, unwind(random, path), group, { $sort: { _id: 1 } }];
};

/** The same of whole documents, null and missing among their keys. */
export const documentGroups = (random: Random): Document[] => {
  const fields = Array.from({ length: 1 + random.below(4) }, () => accumulator(random, '$i'));
  return [
    { $sort: { _id: random.pick([1, -1]) } },
    { $group: { _id: key(random), ...Object.assign({}, ...fields) } },
    { $sort: { _id: 1 } },
  ];
};
