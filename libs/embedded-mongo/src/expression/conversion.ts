import { Decimal128, Long, ObjectId } from 'bson';
import { finite, roundedTo, roundToZero, signed, toDecimal128 } from '../bson/decimal.js';
import { isDate, isTrue, numberOf } from '../bson/document.js';
import { double, isNumeric } from '../bson/number.js';
import { MongoError } from '../errors.js';
import { typeName } from '../match/type-names.js';
import { decimal, real, whole, Width, widthOf } from './numeric.js';
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

const isTypeCode = (code: number): boolean =>
  Number.isInteger(code) && ((code >= 1 && code <= 19) || code === -1 || code === 127);

function failed(message: string): MongoError {
  return new MongoError(241, `${message} in $convert with no onError value`);
}

function unsupported(value: unknown, type: string): MongoError {
  return failed(`Unsupported conversion from ${nameOf(value)} to ${type}`);
}

/** As MongoDB reads numbers from text: no spaces, no hexadecimal ones. */
function checkNumber(value: string): void {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?(inf(inity)?)$|^nan$/i.test(value)) return;
  throw failed(`Failed to parse number '${value}'`);
}

function parsed(value: string): number {
  checkNumber(value);
  if (/inf/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity;
  return Number(value);
}

function toReal(value: unknown): number {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') return parsed(value);
  if (isNumeric(value)) return real(value);
  if (isDate(value)) return value.getTime();
  throw unsupported(value, 'double');
}

/** The whole part of a number, or of text that has no other. */
function truncated(value: unknown, type: 'int' | 'long'): bigint {
  if (typeof value === 'boolean') return BigInt(value);
  if (typeof value === 'string') {
    if (/^[+-]?\d+$/.test(value)) return BigInt(value.replace('+', ''));
    throw failed(`Failed to parse number '${value}'`);
  }
  if (isDate(value) && type === 'long') return BigInt(value.getTime());
  const width = widthOf(value);
  if (width === undefined) throw unsupported(value, type);
  if (width < Width.double) return whole(value);
  const number = real(value);
  if (Number.isNaN(number)) throw failed('Attempt to convert NaN value to integer type');
  if (!Number.isFinite(number)) throw failed('Attempt to convert infinity value to integer type');
  if (width === Width.double) return BigInt(Math.trunc(number));
  const rounded = roundedTo(decimal(value), 0, roundToZero);
  return rounded.kind === 'finite' ? signed(rounded) * 10n ** BigInt(rounded.exponent) : 0n;
}

function toInteger(value: unknown, type: 'int' | 'long'): unknown {
  const number = truncated(value, type);
  if (BigInt.asIntN(type === 'int' ? 32 : 64, number) !== number) throw failed('Conversion would overflow target type');
  return type === 'int' ? Number(number) : Long.fromBigInt(number);
}

function toDate(value: unknown): Date {
  if (isDate(value)) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (typeof value === 'string') return parseDate(value);
  const isLong = isNumeric(value) && typeName(value) !== 'int';
  if (isLong) return new Date(Math.trunc(real(value)));
  throw unsupported(value, 'date');
}

/** ISO 8601 with what is common beside it; a time without a zone is UTC. */
export function parseDate(value: string): Date {
  const hasZone = /(z|[+-]\d\d:?\d\d)$/i.test(value) || /gmt|utc/i.test(value);
  const isIso = /^[+-]?\d{4,6}(-\d\d)?(-\d\d)?(T|$)/.test(value);
  const hasTime = /\d:\d\d/.test(value);
  const date = new Date(hasZone ? value : hasTime && isIso ? `${value}Z` : isIso ? value : `${value} UTC`);
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
  if (typeof value === 'boolean') return toDecimal128(finite(BigInt(value)));
  if (isDate(value)) return toDecimal128(finite(BigInt(value.getTime())));
  if (typeof value === 'string') {
    checkNumber(value);
    return Decimal128.fromStringWithRounding(value);
  }
  if (isNumeric(value)) return toDecimal128(decimal(value));
  throw unsupported(value, 'decimal');
}

const CONVERSIONS: Record<string, (value: unknown) => unknown> = {
  int: (value) => toInteger(value, 'int'),
  long: (value) => toInteger(value, 'long'),
  double: (value) => double(toReal(value)),
  decimal: toDecimal,
  string: toText,
  bool: isTrue,
  date: toDate,
  objectId: toObjectId,
};

function convert(value: unknown, to: unknown): unknown {
  const code = numberOf(to);
  if (code !== undefined && !isTypeCode(code)) {
    throw new MongoError(9, `In $convert, numeric value for 'to' does not correspond to a BSON type: ${code}`);
  }
  const type = code === undefined ? String(to) : (TYPE_NAMES[code] ?? String(code));
  const conversion = CONVERSIONS[type];
  if (!conversion && code !== undefined) throw unsupported(value, type);
  if (!conversion) throw new MongoError(2, `Unknown type name: ${type}`);
  return conversion(value);
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
