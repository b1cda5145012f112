import { Int32, type Document } from 'bson';
import type { Random } from './random.js';
import { anyNumber, document, line, moment, number, scalar, small, word } from './values.js';

const FIELDS = ['n', 's', 'any', 'sub.x', 'sub.y', 'sub.new', 'made', 'nums.1', 'lines.0.quantity'];
const NUMBERS = ['n', 'sub.x', 'made', 'any', 'counters.a'];
const UNFILTERED = ['made', 'counters.a', 'counters.b'];

const operator = (random: Random): [string, Document] =>
  random.one<[string, Document]>(
    () => ['$set', random.some(FIELDS, () => scalar(random))],
    () => ['$set', random.some(FIELDS, () => scalar(random))],
    () => ['$inc', random.some(NUMBERS, () => number(random))],
    () => ['$mul', random.some(NUMBERS, () => number(random), 1)],
    () => [random.pick(['$inc', '$mul', '$min', '$max']), random.some(UNFILTERED, () => anyNumber(random), 1)],
    () => ['$min', random.some(['n', 'at', 'made'], () => number(random), 1)],
    () => ['$max', random.some(['n', 'at', 'made'], () => moment(random), 1)],
    () => ['$unset', random.some([...FIELDS, 'tags', 'lines.sku'], () => '')],
    () => ['$setOnInsert', { born: new Int32(1), origin: word(random) }],
    () => ['$rename', random.pick<Document>([{ s: 'renamed' }, { 'sub.x': 'sub.moved' }, { any: 'sub.any' }])],
    () => ['$push', arrayChange(random)],
    () => [
      '$addToSet',
      random.one<Document>(
        () => ({ tags: word(random) }),
        () => ({ nums: { $each: [1, 2, 1] } }),
      ),
    ],
    () => ['$pull', pulled(random)],
    () => ['$pullAll', { nums: [0, 1] }],
    () => ['$pop', random.some(['tags', 'nums', 'lines'], () => random.pick([1, -1]), 1)],
    () => ['$bit', { 'sub.x': { or: new Int32(5) } }],
  );

const arrayChange = (random: Random): Document =>
  random.one<Document>(
    () => ({ tags: word(random) }),
    () => ({ lines: line(random) }),
    () => ({ nums: { $each: [small(random), small(random)], $slice: random.pick([-2, 3]) } }),
    () => ({ nums: { $each: [small(random)], $position: random.below(3) } }),
    () => ({ lines: { $each: [line(random)], $sort: { quantity: -1, sku: 1 }, $slice: 3 } }),
    () => ({ nums: { $each: [small(random), small(random)], $sort: random.pick([1, -1]) } }),
    () => ({ 'lines.0.marks': word(random) }),
    () => ({ s: 'not an array' }),
  );

const pulled = (random: Random): Document =>
  random.one<Document>(
    () => ({ tags: word(random) }),
    () => ({ tags: { $in: [word(random), word(random)] } }),
    () => ({ nums: { $gte: small(random) } }),
    () => ({ lines: { sku: word(random) } }),
    () => ({ lines: { quantity: { $lt: small(random) } } }),
    () => ({ lines: { $or: [{ sku: word(random) }, { quantity: small(random) }] } }),
    () => ({ lines: { $elemMatch: { sku: word(random) } } }),
    () => ({ nums: { $nin: [0, 1] } }),
  );

/** Pipelines as services write them: conditions, filtered lists, counters. */
const pipeline = (random: Random): Document[] => {
  const step = random.one<Document>(
    () => ({ $set: { made: { $add: [{ $ifNull: ['$sub.x', 0] }, anyNumber(random)] } } }),
    () => ({ $set: { n: { $cond: [{ $isNumber: '$n' }, { $multiply: ['$n', number(random)] }, number(random)] } } }),
    () => ({ $set: { made: [anyNumber(random), '$n', { x: '$sub.x' }], 'sub.w': { $max: ['$n', '$sub.x'] } } }),
    () => ({ $set: { nums: { $filter: { input: { $ifNull: ['$nums', []] }, cond: { $gt: ['$$this', 0] } } } } }),
    () => ({ $set: { flag: { $cond: [{ $gt: ['$sub.x', small(random)] }, 'up', '$$REMOVE'] } } }),
    () => ({ $set: { count: { $size: { $ifNull: ['$tags', []] } }, 'sub.z': '$n' } }),
    () => ({ $unset: ['any', 'sub.y'] }),
    () => ({ $replaceWith: { $mergeObjects: ['$$ROOT', { replaced: true }] } }),
  );
  return random.chance(0.3) ? [step, { $set: { last: '$made' } }] : [step];
};

export interface RandomUpdate {
  u: Document | Document[];
  arrayFilters?: Document[];
}

export function update(random: Random): RandomUpdate {
  return random.one<RandomUpdate>(
    () => ({ u: Object.fromEntries([operator(random)]) }),
    () => ({ u: Object.fromEntries([operator(random), operator(random)]) }),
    () => ({ u: { $inc: { 'lines.$[].quantity': new Int32(1) } } }),
    () => ({ u: { $set: { 'lines.$[l].sku': 'x' } }, arrayFilters: [{ 'l.quantity': { $gt: small(random) } }] }),
    () => ({
      u: { $inc: { 'lines.$[l].quantity': new Int32(2) } },
      arrayFilters: [{ $or: [{ 'l.sku': word(random) }, { 'l.quantity': { $lt: small(random) } }] }],
    }),
    () => ({ u: { $max: { 'nums.$[m]': number(random) } }, arrayFilters: [{ m: { $lte: small(random) } }] }),
    () => ({ u: pipeline(random) }),
  );
}

/** What `$` stands for is said by the query, which is about one array only. */
export function positional(random: Random, id: number): Document {
  const [name, condition] = random.one<[string, unknown]>(
    () => ['lines.sku', word(random)],
    () => ['lines', { $elemMatch: { quantity: { $gte: small(random) } } }],
    () => ['lines.quantity', { $in: [small(random), small(random)] }],
  );
  const u = random.one<Document>(
    () => ({ $set: { 'lines.$.sku': word(random) } }),
    () => ({ $inc: { 'lines.$.quantity': new Int32(1) } }),
    () => ({ $unset: { 'lines.$.sku': '' } }),
    () => ({ $push: { 'lines.$.marks': small(random) } }),
  );
  return { q: { _id: id, [name]: condition }, u };
}

export function replacement(random: Random): Document {
  const { _id, ...rest } = document(random, 0);
  return _id === 0 ? rest : {};
}
