import { BSONRegExp, Decimal128, Int32, Long, type Document } from 'bson';
import type { Random } from './random.js';
import { identifier, line, moment, number, scalar, small, word } from './values.js';

const SCALAR_PATHS = ['n', 's', 'at', 'any', 'sub.x', 'sub.y', 'missing'];
const ARRAY_PATHS = ['tags', 'nums', 'lines.sku', 'lines.quantity', 'nums.0', 'lines.1.sku'];

const BIT_OPERATORS = ['$bitsAllSet', '$bitsAnySet', '$bitsAllClear', '$bitsAnyClear'];

const valueFor = (random: Random, path: string): unknown => {
  if (path.startsWith('n') || path.endsWith('x') || path.endsWith('quantity')) return number(random);
  if (path === 's' || path === 'tags' || path.endsWith('sku')) return word(random);
  return path === 'at' ? moment(random) : scalar(random);
};

const pattern = (random: Random): BSONRegExp =>
  new BSONRegExp(random.pick(['^l', 'm', '^$', 'A', 'é$', '^[a-d]', 'p|k']), random.pick(['', 'i']));

const divisor = (random: Random): unknown =>
  random.pick<unknown>([2, 3, Long.fromNumber(2), Decimal128.fromString('2')]);

/** One condition on one path. */
function condition(random: Random, path: string): unknown {
  const value = () => valueFor(random, path);
  const comparison = random.pick(['$gt', '$gte', '$lt', '$lte', '$ne', '$eq']);
  return random.one<unknown>(
    value,
    value,
    () => ({ [comparison]: value() }),
    () => ({ [comparison]: value() }),
    () => ({ $gte: value(), $lt: value() }),
    () => ({ $in: [value(), value(), value()] }),
    () => ({ $nin: [value(), value()] }),
    () => ({ $exists: random.chance(0.5) }),
    () => ({ $not: { [comparison]: value() } }),
    () => ({ $type: random.pick(['number', 'string', 'date', 'array', 'null', 'objectId', 'bool']) }),
  );
}

function arrayCondition(random: Random): Document {
  return random.one<Document>(
    () => ({ tags: { $all: [word(random), word(random)] } }),
    () => ({ nums: { $size: random.below(4) } }),
    () => ({ nums: { $elemMatch: { $gte: small(random), $lt: small(random) + 2 } } }),
    () => ({ lines: { $elemMatch: { sku: word(random), quantity: { $gt: small(random) } } } }),
    () => ({ lines: line(random) }),
    () => ({ tags: [word(random)] }),
    () => ({ s: { $regex: random.pick(['^l', 'm', '^$', 'A']), $options: random.pick(['', 'i']) } }),
    () => ({
      $expr: {
        [random.pick(['$gt', '$eq', '$gte'])]: [
          '$sub.x',
          random.one<unknown>(
            () => '$n',
            () => 1,
          ),
        ],
      },
    }),
    () => ({ n: { $mod: [divisor(random), random.below(2)] } }),
    () => ({ s: pattern(random) }),
    () => ({ s: { $in: [pattern(random), word(random)] } }),
    () => ({ tags: { [random.pick(['$not', '$regex'])]: pattern(random) } }),
    () => ({ tags: { $all: [pattern(random), word(random)] } }),
    () => ({ lines: { $elemMatch: { sku: pattern(random) } } }),
    () => ({ lines: { $not: { $elemMatch: { quantity: { $lt: small(random) } } } } }),
    () => ({ lines: { $all: [{ $elemMatch: { sku: word(random) } }, { $elemMatch: { quantity: small(random) } }] } }),
    () => ({ 'sub.x': { [random.pick(BIT_OPERATORS)]: random.pick<unknown>([1, 3, [0, 2]]) } }),
    () => ({ n: { $not: { $mod: [2, 1] } } }),
    () => ({ sub: { $elemMatch: { x: 1 } } }),
  );
}

function leaf(random: Random): Document {
  if (random.chance(0.25)) return arrayCondition(random);
  const path = random.pick(random.chance(0.3) ? ARRAY_PATHS : SCALAR_PATHS);
  return { [path]: condition(random, path) };
}

export function filter(random: Random, documents: number): Document {
  return random.one<Document>(
    () => leaf(random),
    () => leaf(random),
    () => ({ ...leaf(random), ...leaf(random) }),
    () => ({ $or: [leaf(random), leaf(random)] }),
    () => ({ $and: [leaf(random), leaf(random)] }),
    () => ({ $nor: [leaf(random), leaf(random)] }),
    () => ({ _id: new Int32(random.below(documents)) }),
    () => ({ _id: { $in: [random.below(documents), random.below(documents)] } }),
    () => ({ any: identifier(random) }),
    () => ({}),
  );
}

/** Ends in `_id`, so that there is only one right order. */
export const plainSort = (random: Random): Document => sortBy(random, SCALAR_PATHS);

/** By arrays, too. */
export const sort = (random: Random): Document => sortBy(random, [...SCALAR_PATHS, 'nums', 'tags', 'lines.quantity']);

const sortBy = (random: Random, paths: readonly string[]): Document => ({
  ...random.some(paths, () => random.pick([1, -1]), random.below(3)),
  _id: random.pick([1, -1]),
});

export function projection(random: Random): Document {
  const paths = ['n', 's', 'tags', 'sub.x', 'lines.sku', 'missing', 'sub', 'at'];
  const flat = (value: number) => {
    const chosen = random.some(paths, () => value, 1 + random.below(3));
    if ('sub' in chosen) delete chosen['sub.x'];
    return { ...chosen, ...(random.chance(0.3) && { _id: 0 }) };
  };
  return random.one<Document>(
    () => ({}),
    () => flat(1),
    () => flat(0),
    () => ({ nums: { $slice: random.pick([1, -1, 2]) } }),
    () => ({ nums: { $slice: [random.pick([0, 1, -2]), 2] }, ...flat(1) }),
    () => ({ lines: { $elemMatch: { quantity: { $gt: small(random) } } } }),
    () => ({ lines: { $elemMatch: { sku: word(random) } }, n: 0, 'sub.y': 0 }),
    () => ({ sub: { x: 1 }, lines: { sku: 1 } }),
    () => ({ sub: { y: 0 }, lines: { quantity: 0 } }),
    () => ({ s: 1, made: { $ifNull: ['$sub.x', 'none'] }, 'sub.copy': '$n' }),
  );
}
