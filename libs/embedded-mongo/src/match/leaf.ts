import { Binary, BSONRegExp, Decimal128 } from 'bson';
import { compareValues, equalValues, rankOf, TypeRank } from '../bson/compare.js';
import { bsonType, compilePattern, isDocument, numberOf, REFERENCE_FIELDS } from '../bson/document.js';
import { isLong } from '../bson/number.js';
import { badValue, failedToParse, MongoError } from '../errors.js';
import type { Leaf } from './node.js';
import type { Test } from './path.js';
import { typeTest } from './type-names.js';

type LeafOperator = (operand: unknown) => Test;

const isNaNValue = (value: unknown): boolean => Number.isNaN(numberOf(value)) || String(value) === 'NaN';

/** Ranges only compare values of one type, and null is also what is missing. */
function range(accepts: (order: number) => boolean): LeafOperator {
  return (operand) => {
    if (operand instanceof BSONRegExp) throw badValue("Can't have RegEx as arg to predicate");
    const rank = rankOf(operand);
    if (rank === TypeRank.Null || rank === TypeRank.Undefined) return (value) => accepts(0) && isNullish(value);
    if (rank === TypeRank.MinKey || rank === TypeRank.MaxKey) {
      return (value) => accepts(compareValues(value ?? null, operand));
    }
    const nan = rank === TypeRank.Number && isNaNValue(operand);
    return (value) => {
      if (rankOf(value) !== rank) return false;
      if (rank === TypeRank.Number && (nan || isNaNValue(value))) return nan && isNaNValue(value) && accepts(0);
      return accepts(compareValues(value, operand));
    };
  };
}

function isNullish(value: unknown): boolean {
  return value === null || value === undefined;
}

/** Equality; null also matches what is missing, and a pattern matches text. */
export function equality(operand: unknown): Test {
  if (operand === null || operand === undefined) return isNullish;
  if (operand instanceof BSONRegExp) {
    const matches = pattern(operand.pattern, operand.options);
    return (value) => matches(value) || (value instanceof BSONRegExp && equalValues(value, operand));
  }
  if (typeof operand === 'string')
    return (value) => value === operand || (isSymbol(value) && String(value) === operand);
  return (value) => equalValues(value, operand);
}

const isSymbol = (value: unknown): boolean => bsonType(value) === 'BSONSymbol';

/** Text that the pattern matches; symbols count as text. */
export function pattern(source: string, options: string): Test {
  const regExp = compilePattern(source, options);
  if (regExp === undefined) throw new MongoError(51091, `Regular expression is invalid: ${source}`);
  return (value) => (typeof value === 'string' || isSymbol(value)) && regExp.test(String(value));
}

function membership(operand: unknown): Test {
  if (!Array.isArray(operand)) throw badValue('$in needs an array');
  const isOperator = (name: string | undefined) => name?.startsWith('$') && !REFERENCE_FIELDS.has(name);
  if (operand.some((item) => isDocument(item) && isOperator(Object.keys(item)[0]))) {
    throw badValue('cannot nest $ under $in');
  }
  const others = operand.filter((item) => typeof item !== 'string').map(equality);
  // Where an index finds them all nobody asks.
  let texts: Set<unknown> | undefined;
  const isText = (value: unknown) => typeof value === 'string' && (texts ??= new Set<unknown>(operand)).has(value);
  return (value) => isText(value) || others.some((test) => test(value));
}

function modulo(operand: unknown): Test {
  if (Array.isArray(operand) && operand.length > 2) throw badValue('malformed mod, too many elements');
  const numbers: unknown[] = Array.isArray(operand) ? operand : [];
  const [divisor, remainder] = numbers.map(truncated);
  if (numbers.length < 2 || remainder === undefined) throw badValue('malformed mod');
  if (divisor === undefined || divisor === 0n) throw badValue('divisor cannot be 0');
  return (value) => {
    const whole = truncated(value);
    return whole !== undefined && whole % divisor === remainder;
  };
}

/** The whole part of any finite number. */
function truncated(value: unknown): bigint | undefined {
  if (isLong(value)) return value.toBigInt();
  const number = value instanceof Decimal128 ? Number(value.toString()) : numberOf(value);
  return number !== undefined && Number.isFinite(number) ? BigInt(Math.trunc(number)) : undefined;
}

function size(operand: unknown): Test {
  const length = numberOf(operand);
  if (length === undefined || !Number.isInteger(length) || length < 0) {
    throw badValue(`Failed to parse $size. Expected a non-negative integer, got: ${String(operand)}`);
  }
  return (value) => Array.isArray(value) && value.length === length;
}

/** `$bitsAllSet` and its like: a mask as a number, a list of positions, or bytes. */
function bits(accepts: (set: boolean[]) => boolean): LeafOperator {
  return (operand) => {
    const positions = bitPositions(operand);
    return (value) => {
      const set = bitReader(value);
      return set !== undefined && accepts(positions.map(set));
    };
  };
}

function bitPositions(operand: unknown): number[] {
  if (Array.isArray(operand)) {
    return operand.map((item) => {
      const position = numberOf(item);
      if (position !== undefined && Number.isInteger(position) && position >= 0) return position;
      throw badValue(`bit positions must be integers >= 0 but got: ${String(item)}`);
    });
  }
  const set = bitReader(operand);
  if (set === undefined) throw badValue('bit mask must be a number, an array or binary data');
  if ((numberOf(operand) ?? 0) < 0) throw failedToParse('Expected a non-negative number as a bit mask');
  const length = operand instanceof Binary ? operand.position * 8 : 64;
  return Array.from({ length }, (_, i) => i).filter(set);
}

function bitReader(value: unknown): ((position: number) => boolean) | undefined {
  if (value instanceof Binary) return (i) => (((value.buffer[i >> 3] ?? 0) >> (i & 7)) & 1) === 1;
  const plain = value instanceof Decimal128 ? Number(value.toString()) : numberOf(value);
  const number = isLong(value) ? value.toBigInt() : integer(plain);
  return number === undefined ? undefined : (i) => ((BigInt.asIntN(64, number) >> BigInt(Math.min(i, 63))) & 1n) === 1n;
}

function integer(number: number | undefined): bigint | undefined {
  return number !== undefined && Number.isInteger(number) ? BigInt(number) : undefined;
}

/** `$eq` itself asks for a stored pattern where equality without it asks for text that matches. */
function sameValue(operand: unknown): Test {
  return operand instanceof BSONRegExp ? (value) => equalValues(value, operand) : equality(operand);
}

const OPERATORS: Record<string, LeafOperator> = {
  $eq: sameValue,
  $gt: range((order) => order > 0),
  $gte: range((order) => order >= 0),
  $lt: range((order) => order < 0),
  $lte: range((order) => order <= 0),
  $in: membership,
  $exists: () => (value) => value !== undefined,
  $type: typeTest,
  $mod: modulo,
  $size: size,
  $bitsAllSet: bits((set) => set.every(Boolean)),
  $bitsAnySet: bits((set) => set.some(Boolean)),
  $bitsAllClear: bits((set) => !set.some(Boolean)),
  $bitsAnyClear: bits((set) => !set.every(Boolean)),
};

/** One operator on one path, or undefined when the operator is not such a one. */
export function leaf(path: string, operator: string, operand: unknown): Leaf | undefined {
  const compile = OPERATORS[operator];
  if (!compile) return undefined;
  const whole = operator === '$size' || operator === '$exists';
  return { kind: 'leaf', path, parts: partsOf(path), operator, operand, test: compile(operand), whole };
}

/** `$regex` with `$options`, as text or as a pattern. */
export function regexLeaf(path: string, source: unknown, options: unknown): Leaf {
  const isPattern = source instanceof BSONRegExp;
  if (!isPattern && typeof source !== 'string') throw badValue('$regex has to be a string');
  if (options !== undefined && typeof options !== 'string') throw badValue('$options has to be a string');
  const flag = options && [...options].find((each) => !'imsxu'.includes(each));
  if (flag) throw new MongoError(51108, ` invalid flag in regex options: ${flag}`);
  if (isPattern && source.options !== '' && options !== undefined) {
    throw new MongoError(51075, 'options set in both $regex and $options');
  }
  const operand = new BSONRegExp(
    isPattern ? source.pattern : source,
    typeof options === 'string' ? [...options].toSorted().join('') : isPattern ? source.options : '',
  );
  return {
    kind: 'leaf',
    path,
    parts: partsOf(path),
    operator: '$regex',
    operand,
    test: equality(operand),
    whole: false,
  };
}

/** `''` stands for the element itself, inside `$elemMatch`. */
export function partsOf(path: string): string[] {
  return path === '' ? [] : path.split('.');
}
