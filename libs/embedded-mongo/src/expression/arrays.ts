import { encodeKey } from '../bson/key.js';
import { encode, isDocument, isTrue, numberOf, setField, type Document } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { isNullish, namedOperator, nameOf, operator, unlessNull, untilNull } from './operator.js';

const listOf = (value: unknown, code: number, message: string): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new MongoError(code, `${message}, not ${nameOf(value)}`);
};

/** Values once each, in order of their first appearance. */
function distinct(values: unknown[]): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const value of values) {
    const key = encodeKey(value).toString('latin1');
    if (!result.has(key)) result.set(key, value);
  }
  return result;
}

const setOf = (name: string, code: number, value: unknown): Map<string, unknown> =>
  distinct(listOf(value, code, `All operands of ${name} must be arrays`));

function sets(name: string, code: number, values: unknown[]): Map<string, unknown>[] {
  return values.map((value) => setOf(name, code, value));
}

function union(values: unknown[]): unknown {
  const all = untilNull(values, (value) => listOf(value, 17043, 'All operands of $setUnion must be arrays'));
  return all === null ? null : [...distinct(all.flat()).values()];
}

function intersection(values: unknown[]): unknown {
  const all = untilNull(values, (value) => setOf('$setIntersection', 17047, value));
  if (all === null) return null;
  const [first, ...others] = all;
  return [...(first ?? [])].filter(([key]) => others.every((set) => set.has(key))).map(([, value]) => value);
}

function difference(a: unknown, b: unknown): unknown {
  const [keep, remove] = [sets('$setDifference', 17048, [a])[0], sets('$setDifference', 17049, [b])[0]];
  return [...(keep ?? [])].filter(([key]) => !remove?.has(key)).map(([, value]) => value);
}

function isSubset([a, b]: unknown[]): boolean {
  const [small, large] = sets('$setIsSubset', 17046, [a, b]);
  return [...(small?.keys() ?? [])].every((key) => large?.has(key));
}

function areEqual(values: unknown[]): boolean {
  const [first, ...others] = sets('$setEquals', 17044, values);
  const keys = [...(first?.keys() ?? [])];
  return others.every((set) => set.size === keys.length && keys.every((key) => set.has(key)));
}

function concatenate(values: unknown[]): unknown {
  return untilNull(values, (value) => listOf(value, 28664, '$concatArrays only supports arrays'))?.flat() ?? null;
}

function elementAt(array: unknown, position: unknown): unknown {
  const list = listOf(array, 28689, "$arrayElemAt's first argument must be an array");
  const index = numberOf(position);
  if (index === undefined) throw new MongoError(28690, `$arrayElemAt's second argument must be a number`);
  if (!Number.isInteger(index)) throw new MongoError(28691, `$arrayElemAt's second argument must be an integer`);
  return list.at(index);
}

const end = (name: string, index: number) =>
  operator(
    name,
    [1, 1],
    unlessNull((value) => listOf(value, 28689, `${name}'s argument must be an array`).at(index)),
  );

function slice(array: unknown, ...numbers: unknown[]): unknown {
  const list = listOf(array, 28724, 'The first argument to $slice must be an array');
  const [first = 0, count] = numbers.map((number) => {
    const value = numberOf(number);
    if (value === undefined) throw new MongoError(28725, `Arguments to $slice must be numeric, not ${nameOf(number)}`);
    if (!Number.isInteger(value)) throw new MongoError(28726, 'Arguments to $slice must be 32-bit integers');
    return value;
  });
  if (count === undefined) return first < 0 ? list.slice(first) : list.slice(0, first);
  if (count <= 0) throw new MongoError(28729, `The third argument to $slice must be positive`);
  const start = first < 0 ? Math.max(0, list.length + first) : first;
  return list.slice(start, start + count);
}

const reversed = (value: unknown): unknown[] =>
  listOf(value, 34435, 'The argument to $reverseArray must be an array').toReversed();

function size([value]: unknown[]): number {
  if (Array.isArray(value)) return value.length;
  throw new MongoError(17124, `The argument to $size must be an array, but was of type: ${nameOf(value)}`);
}

export function merge(values: unknown[]): Document {
  const result: Document = {};
  for (const value of values) {
    if (isNullish(value)) continue;
    if (!isDocument(value))
      throw new MongoError(40400, `$mergeObjects requires object inputs, but got ${nameOf(value)}`);
    for (const key of Object.keys(value)) setField(result, key, value[key]);
  }
  return result;
}

/** `[['a', 1]]` or `[{ k: 'a', v: 1 }]`, all of one form, as `{ a: 1 }`. */
function documentOf(value: unknown): Document {
  const result: Document = {};
  const list = listOf(value, 40386, '$arrayToObject requires an array input');
  const inPairs = Array.isArray(list[0]);
  for (const [i, item] of list.entries()) {
    if (inPairs ? !Array.isArray(item) : !isDocument(item)) throw inconsistent(inPairs, i, item);
    const [key, content] = Array.isArray(item) ? pairOf(item) : fieldOf(item);
    if (typeof key !== 'string')
      throw new MongoError(
        inPairs ? 40395 : 40394,
        `$arrayToObject requires keys that are strings, not ${nameOf(key)}`,
      );
    setField(result, key, content);
  }
  return result;
}

function inconsistent(inPairs: boolean, index: number, item: unknown): MongoError {
  if (index === 0) return new MongoError(40398, `Unrecognised input type format for $arrayToObject: ${nameOf(item)}`);
  const message = '$arrayToObject requires a consistent input format: all arrays or all objects';
  return new MongoError(inPairs ? 40396 : 40391, message);
}

function pairOf(item: unknown[]): unknown[] {
  if (item.length === 2) return item;
  throw new MongoError(40397, '$arrayToObject requires an array of size 2 arrays');
}

function fieldOf(item: unknown): [unknown, unknown] {
  if (isDocument(item) && Object.keys(item).length === 2 && 'k' in item && 'v' in item) return [item.k, item.v];
  throw new MongoError(40392, "$arrayToObject requires objects with the keys 'k' and 'v' and no others");
}

function fieldsOf(value: unknown): Document[] {
  if (!isDocument(value)) throw new MongoError(40390, `$objectToArray requires a document input, not ${nameOf(value)}`);
  return Object.entries(value).flatMap(([k, v]) => (v === undefined ? [] : { k, v }));
}

function byteLength(value: unknown): number {
  if (!isDocument(value)) throw new MongoError(31393, `$bsonSize requires a document input, found: ${nameOf(value)}`);
  return encode(value).length;
}

/** `{ inputs, useLongestLength, defaults }`: the first elements together, then the second ones, and so on. */
function zip({ inputs, useLongestLength = false, defaults }: Record<string, unknown>): unknown {
  if (isNullish(inputs)) return null;
  const given = listOf(inputs, 34461, 'inputs of $zip must be an array of expressions');
  if (typeof useLongestLength !== 'boolean') throw new MongoError(34463, 'useLongestLength of $zip must be a bool');
  const others = isNullish(defaults) ? [] : listOf(defaults, 34462, 'defaults of $zip must be an array of expressions');
  if (others.length > 0 && !useLongestLength) {
    throw new MongoError(34466, 'cannot specify defaults of $zip unless useLongestLength is true');
  }
  if (others.length > 0 && others.length !== given.length) {
    throw new MongoError(34467, 'defaults and inputs of $zip must have the same length');
  }
  const lists = untilNull(given, (each) => listOf(each, 34468, '$zip found a non-array expression in input'));
  if (lists === null) return null;
  const lengths = lists.map((list) => list.length);
  const length = useLongestLength ? Math.max(...lengths) : Math.min(...lengths);
  return Array.from({ length }, (_, i) =>
    lists.map((list, at) => (i < list.length ? (list[i] ?? null) : (others[at] ?? null))),
  );
}

const truths = (name: string, code: number, test: 'some' | 'every') =>
  operator(name, [1, 1], ([value]) => listOf(value, code, `${name}'s argument must be an array`)[test](isTrue));

const ANY = [1, Infinity] as const;

export const arrayOperators = {
  $setUnion: operator('$setUnion', [0, Infinity], union),
  $setIntersection: operator('$setIntersection', [0, Infinity], intersection),
  $setDifference: operator('$setDifference', [2, 2], unlessNull(difference)),
  $setIsSubset: operator('$setIsSubset', [2, 2], isSubset),
  $setEquals: operator('$setEquals', [2, Infinity], areEqual),
  $anyElementTrue: truths('$anyElementTrue', 17041, 'some'),
  $allElementsTrue: truths('$allElementsTrue', 17040, 'every'),
  $concatArrays: operator('$concatArrays', [0, Infinity], concatenate),
  $arrayElemAt: operator('$arrayElemAt', [2, 2], unlessNull(elementAt)),
  $first: end('$first', 0),
  $last: end('$last', -1),
  $slice: operator('$slice', [2, 3], unlessNull(slice)),
  $reverseArray: operator('$reverseArray', [1, 1], unlessNull(reversed)),
  $isArray: operator('$isArray', [1, 1], ([value]) => Array.isArray(value)),
  $zip: namedOperator('$zip', zip),
  $size: operator('$size', [1, 1], size),
  $mergeObjects: operator('$mergeObjects', ANY, merge),
  $arrayToObject: operator('$arrayToObject', [1, 1], unlessNull(documentOf)),
  $objectToArray: operator('$objectToArray', [1, 1], unlessNull(fieldsOf)),
  $bsonSize: operator('$bsonSize', [1, 1], unlessNull(byteLength)),
  $and: operator('$and', [0, Infinity], (values) => values.every(isTrue)),
  $or: operator('$or', [0, Infinity], (values) => values.some(isTrue)),
  $not: operator('$not', [1, 1], ([value]) => !isTrue(value)),
};
