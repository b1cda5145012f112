import { Decimal128, Double, Int32, Long, Timestamp } from 'bson';

/** A number of any BSON type as the nearest double and what is left of it: exact order across int64 and decimals. */
export type NumberParts = readonly [nearest: number, rest: number];

/** An int64. The driver's timestamps are of its class as well, and are no numbers. */
export function isLong(value: unknown): value is Long {
  return value instanceof Long && !(value instanceof Timestamp);
}

/** What the BSON writer stores as an int32 when it is given a JavaScript number; all others are doubles. */
export function isInt32(value: number): boolean {
  return (value | 0) === value && (value !== 0 || 1 / value > 0);
}

/**
 * A double as expressions hold it. They hold numbers as JavaScript's wherever that says which BSON type is meant: int32,
 * and doubles that look like none. The doubles that do are `Double`, every int64 is `Long`.
 */
export function double(value: number): number | Double {
  return isInt32(value) ? new Double(value) : value;
}

export function isNumeric(value: unknown): boolean {
  return numberParts(value) !== undefined;
}

/** Undefined for what is no number. The rest of NaN and of infinities is 0. */
export function numberParts(value: unknown): NumberParts | undefined {
  if (typeof value === 'number') return [value, 0];
  if (typeof value !== 'object' && typeof value !== 'bigint') return undefined;
  if (value instanceof Int32 || value instanceof Double) return [value.value, 0];
  if (isLong(value)) return integerParts(value.toBigInt());
  if (typeof value === 'bigint') return integerParts(value);
  if (value instanceof Decimal128) return decimalParts(value);
  return undefined;
}

export function compareNumbers([a, aRest]: NumberParts, [b, bRest]: NumberParts): number {
  return a === b ? compareDoubles(aRest, bRest) : compareDoubles(a, b);
}

/** NaN is the lowest number, as in BSON's order. */
export function compareDoubles(a: number, b: number): number {
  if (a === b) return 0;
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

function integerParts(value: bigint): NumberParts {
  const nearest = Number(value);
  return Number.isSafeInteger(nearest) ? [nearest, 0] : [nearest, Number(value - BigInt(nearest))];
}

function decimalParts(decimal: Decimal128): NumberParts {
  const text = decimal.toString();
  const nearest = Number(text);
  const exact = parseDecimal(text);
  if (exact === undefined) return [nearest, 0];
  if (!Number.isFinite(nearest)) return [Math.sign(nearest) * Number.MAX_VALUE, Math.sign(nearest) * exact.exponent];
  const [numerator, denominator] = fractionOf(nearest);
  const scale = 10n ** BigInt(Math.abs(exact.exponent));
  const [top, bottom] = exact.exponent < 0 ? [exact.digits, scale] : [exact.digits * scale, 1n];
  return [nearest, quotient(top * denominator - numerator * bottom, bottom * denominator)];
}

/** Coefficient and power of ten; undefined for NaN and infinities. */
export function parseDecimal(text: string): { digits: bigint; exponent: number } | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match || (match[2] === '' && match[3] === '')) return undefined;
  const [, sign = '', whole = '', fraction = '', power = '0'] = match;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  return { digits, exponent: Number(power) - fraction.length };
}

/** A finite double as an exact fraction. */
function fractionOf(value: number): readonly [bigint, bigint] {
  let denominator = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return [BigInt(scaled), denominator];
}

function quotient(top: bigint, bottom: bigint): number {
  if (top === 0n) return 0;
  const magnitude = top < 0n ? -top : top;
  const shift = Math.max(0, 64 + bottom.toString(2).length - magnitude.toString(2).length);
  const value = Number((magnitude << BigInt(shift)) / bottom) / 2 ** shift;
  return top < 0n ? -value : value;
}
