import { Decimal128, Double, Int32, Long, ObjectId } from 'bson';
import { isDate, isTrue, numberOf } from '../bson/document.js';
import { isNumeric } from '../bson/number.js';
import { MongoError } from '../errors.js';
import { typeName } from '../match/type-names.js';
import { isNullish, namedOperator, nameOf, operator, type Operator } from './operator.js';
import { written } from './strings.js';

const TYPE_NAMES: Record<number, string> = {
  1: 'double',
  2: 'string',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  16: 'int',
  18: 'long',
  19: 'decimal',
};

function failed(message: string): MongoError {
  return new MongoError(241, `${message} in $convert with no onError value`);
}

function unsupported(value: unknown, type: string): MongoError {
  return failed(`Unsupported conversion from ${nameOf(value)} to ${type}`);
}

function parsed(value: string): number {
  if (value.trim() !== value || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?(inf(inity)?)$|^nan$/i.test(value)) {
    throw failed(`Failed to parse number '${value}'`);
  }
  if (/inf/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity;
  return Number(value);
}

function real(value: unknown, type: string): number {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') return parsed(value);
  if (isNumeric(value)) return numberOf(value) ?? Number(String(value));
  if (isDate(value) && type !== 'int') return value.getTime();
  throw unsupported(value, type);
}

function integer(value: unknown, type: 'int' | 'long', bits: number): number {
  if (typeof value === 'string' && !/^[+-]?\d+$/.test(value)) throw failed(`Failed to parse number '${value}'`);
  const number = Math.trunc(real(value, type));
  if (Number.isNaN(number)) throw failed('Attempt to convert NaN value to integer type');
  if (number < -(2 ** (bits - 1)) || number >= 2 ** (bits - 1)) throw failed('Conversion would overflow target type');
  return number;
}

function toDate(value: unknown): Date {
  if (isDate(value)) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (typeof value === 'string') return parseDate(value);
  const isLong = isNumeric(value) && typeName(value) !== 'int';
  if (isLong) return new Date(Math.trunc(real(value, 'long')));
  throw unsupported(value, 'date');
}

/** ISO 8601 with what is common beside it; a time without a zone is UTC. */
export function parseDate(value: string): Date {
  const hasZone = /(z|[+-]\d\d:?\d\d)$/i.test(value) || /gmt|utc/i.test(value);
  const hasTime = /\d:\d\d/.test(value);
  const date = new Date(hasTime && !hasZone ? `${value}Z` : value);
  if (Number.isNaN(date.getTime())) throw failed(`Error parsing date string '${value}'`);
  return date;
}

function toObjectId(value: unknown): ObjectId {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') throw unsupported(value, 'objectId');
  if (/^[0-9a-f]{24}$/i.test(value)) return new ObjectId(value);
  throw failed(`Failed to parse objectId '${value}'`);
}

function toText(value: unknown): string {
  const result = written(value);
  if (result === undefined) throw unsupported(value, 'string');
  return result;
}

function toDecimal(value: unknown): Decimal128 {
  if (value instanceof Decimal128) return value;
  if (value instanceof Long) return Decimal128.fromString(value.toString());
  return Decimal128.fromString(String(real(value, 'decimal')));
}

const CONVERSIONS: Record<string, (value: unknown) => unknown> = {
  int: (value) => new Int32(integer(value, 'int', 32)),
  long: (value) => (value instanceof Long ? value : Long.fromNumber(integer(value, 'long', 64))),
  double: (value) => new Double(real(value, 'double')),
  decimal: toDecimal,
  string: toText,
  bool: isTrue,
  date: toDate,
  objectId: toObjectId,
};

/** Plain numbers, as all expressions compute with them; an int64 that is none in JavaScript stays one. */
function plain(value: unknown): unknown {
  const number = value instanceof Decimal128 ? undefined : numberOf(value);
  return value instanceof Long && !Number.isSafeInteger(number) ? value : (number ?? value);
}

function convert(value: unknown, to: unknown): unknown {
  const code = numberOf(to);
  const type = code === undefined ? String(to) : (TYPE_NAMES[code] ?? String(code));
  const conversion = CONVERSIONS[type];
  if (!conversion) throw new MongoError(2, `Unknown type name: ${type}`);
  return plain(conversion(value));
}

const to = (type: string): Operator =>
  operator(`$to${type}`, [1, 1], ([value]) => (isNullish(value) ? null : convert(value, type)));

const convertOperator = namedOperator('$convert', (given) => {
  if (isNullish(given.input)) return given.onNull ?? null;
  if (isNullish(given.to)) return null;
  try {
    return convert(given.input, given.to);
  } catch (error) {
    if (error instanceof MongoError && error.errorCode === 241 && 'onError' in given) return given.onError;
    throw error;
  }
});

export const conversionOperators = {
  $toInt: to('int'),
  $toLong: to('long'),
  $toDouble: to('double'),
  $toDecimal: to('decimal'),
  $toString: to('string'),
  $toBool: to('bool'),
  $toDate: to('date'),
  $toObjectId: to('objectId'),
  $convert: convertOperator,
  $isNumber: operator('$isNumber', [1, 1], ([value]) => isNumeric(value)),
};
