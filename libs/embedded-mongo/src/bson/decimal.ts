import { Decimal128, Double, Int32 } from 'bson';
import { isInt32, isLong, parseDecimal } from './number.js';

/** A decimal number taken apart: coefficient and power of ten, or one of the three that are none. */
export type Decimal = Finite | { kind: 'infinity'; negative: boolean } | { kind: 'nan' };

interface Finite {
  kind: 'finite';
  negative: boolean;
  digits: bigint;
  exponent: number;
}

const MOST_DIGITS = 34;
const LEAST_EXPONENT = -6176;
const MOST_EXPONENT = 6111;

const NAN: Decimal = { kind: 'nan' };
export const ZERO: Finite = { kind: 'finite', negative: false, digits: 0n, exponent: 0 };

const infinity = (negative: boolean): Decimal => ({ kind: 'infinity', negative });
const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
const power = (exponent: number): bigint => 10n ** BigInt(exponent);
const digitsIn = (value: bigint): number => (value === 0n ? 1 : value.toString().length);

export function finite(value: bigint, exponent = 0): Finite {
  return { kind: 'finite', negative: value < 0n, digits: magnitude(value), exponent };
}

/** Any number as a decimal; of a double 15 digits count, as in MongoDB. Undefined for what is no number. */
export function decimalOf(value: unknown): Decimal | undefined {
  if (value instanceof Decimal128) return read(value.toString());
  if (typeof value === 'bigint') return finite(value);
  if (isLong(value)) return finite(value.toBigInt());
  if (value instanceof Int32) return finite(BigInt(value.value));
  if (value instanceof Double) return ofDouble(value.value);
  if (typeof value !== 'number') return undefined;
  return isInt32(value) ? finite(BigInt(value)) : ofDouble(value);
}

function ofDouble(value: number): Decimal {
  if (Number.isNaN(value)) return NAN;
  if (!Number.isFinite(value)) return infinity(value < 0);
  if (value === 0) return { ...ZERO, negative: Object.is(value, -0) };
  return read(value.toPrecision(15));
}

function read(text: string): Decimal {
  const parsed = parseDecimal(text);
  const negative = text.startsWith('-');
  if (parsed) return { ...finite(parsed.digits, parsed.exponent), negative };
  return /inf/i.test(text) ? infinity(negative) : NAN;
}

/** Rounded to 34 digits, half to even. */
export function toDecimal128(value: Decimal): Decimal128 {
  if (value.kind === 'nan') return Decimal128.fromString('NaN');
  const sign = value.negative ? '-' : '';
  if (value.kind === 'infinity') return Decimal128.fromString(`${sign}Infinity`);
  const { digits, exponent } = fitted(value);
  if (exponent > MOST_EXPONENT)
    return Decimal128.fromString(digits === 0n ? `${sign}0E${MOST_EXPONENT}` : `${sign}Infinity`);
  return Decimal128.fromString(`${sign}${digits}E${exponent}`);
}

function fitted(value: Finite): Finite {
  const excess = Math.max(digitsIn(value.digits) - MOST_DIGITS, LEAST_EXPONENT - value.exponent);
  const rounded = excess > 0 ? shifted(value, excess, roundHalfEven) : value;
  // A carry has made one digit more.
  if (digitsIn(rounded.digits) > MOST_DIGITS) return shifted(rounded, 1, roundHalfEven);
  const room = rounded.exponent - MOST_EXPONENT;
  const pads = room > 0 && rounded.digits !== 0n && digitsIn(rounded.digits) + room <= MOST_DIGITS;
  return pads ? { ...rounded, digits: rounded.digits * power(room), exponent: MOST_EXPONENT } : rounded;
}

type Rounding = (quotient: bigint, rest: bigint, divisor: bigint, negative: boolean) => bigint;

export const roundHalfEven: Rounding = (quotient, rest, divisor) => {
  const twice = rest * 2n;
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient;
};
export const roundToZero: Rounding = (quotient) => quotient;
export const roundDown: Rounding = (quotient, rest, _divisor, negative) =>
  negative && rest > 0n ? quotient + 1n : quotient;
export const roundUp: Rounding = (quotient, rest, _divisor, negative) =>
  !negative && rest > 0n ? quotient + 1n : quotient;

function shifted(value: Finite, places: number, round: Rounding): Finite {
  const divisor = power(places);
  const digits = round(value.digits / divisor, value.digits % divisor, divisor, value.negative);
  return { ...value, digits, exponent: value.exponent + places };
}

/** Rounded to a multiple of the power of ten; what has fewer digits stays as it is. */
export function roundedTo(value: Decimal, exponent: number, round: Rounding): Decimal {
  return value.kind !== 'finite' || value.exponent >= exponent
    ? value
    : shifted(value, exponent - value.exponent, round);
}

/** Rounded, and with just so many places, `34.0` for 34 to one: as long as the digits have room for them. */
export function quantized(value: Decimal, exponent: number, round: Rounding): Decimal {
  const rounded = roundedTo(value, exponent, round);
  if (rounded.kind !== 'finite') return rounded;
  const places = rounded.exponent - exponent;
  if (rounded.digits !== 0n && digitsIn(rounded.digits) + places > MOST_DIGITS) return rounded;
  return { ...rounded, digits: rounded.digits * power(places), exponent };
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  if (a.kind === 'infinity') return b.kind === 'infinity' && a.negative !== b.negative ? NAN : a;
  if (b.kind === 'infinity') return b;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = [a, b].reduce((total, part) => total + signed(part) * power(part.exponent - exponent), 0n);
  const result = finite(sum, exponent);
  return sum === 0n ? { ...result, negative: a.negative && b.negative } : result;
}

export function negated(value: Decimal): Decimal {
  return value.kind === 'nan' ? value : { ...value, negative: !value.negative };
}

export function absolute(value: Decimal): Decimal {
  return value.kind === 'nan' ? value : { ...value, negative: false };
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinity' || b.kind === 'infinity') return isZero(a) || isZero(b) ? NAN : infinity(negative);
  return { kind: 'finite', negative, digits: a.digits * b.digits, exponent: a.exponent + b.exponent };
}

/** With as few digits as are exact, down to the power of ten that both numbers have; otherwise with all of them. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinity') return b.kind === 'infinity' ? NAN : infinity(negative);
  if (b.kind === 'infinity') return { ...ZERO, negative, exponent: LEAST_EXPONENT };
  if (b.digits === 0n) return a.digits === 0n ? NAN : infinity(negative);
  const wanted = a.exponent - b.exponent;
  if (a.digits === 0n) return { ...ZERO, negative, exponent: wanted };
  const places = Math.max(0, MOST_DIGITS + 2 + digitsIn(b.digits) - digitsIn(a.digits));
  const top = a.digits * power(places);
  const [quotient, rest] = [top / b.digits, top % b.digits];
  // A digit more that only says that something is left keeps a tie from being one.
  if (rest !== 0n) return { kind: 'finite', negative, digits: quotient * 10n + 1n, exponent: wanted - places - 1 };
  return shortened({ kind: 'finite', negative, digits: quotient, exponent: wanted - places }, wanted);
}

function shortened(value: Finite, exponent: number): Finite {
  let { digits, exponent: at } = value;
  while (at < exponent && digits % 10n === 0n) {
    digits /= 10n;
    at++;
  }
  return { ...value, digits, exponent: at };
}

/** What is left of a division whose quotient is a whole number; its sign is the dividend's. */
export function remainderOf(a: Decimal, b: Decimal): Decimal {
  if (a.kind !== 'finite' || b.kind === 'nan') return NAN;
  if (b.kind === 'infinity') return a;
  if (b.digits === 0n) return NAN;
  const exponent = Math.min(a.exponent, b.exponent);
  const [top, bottom] = [a, b].map(({ digits, exponent: own }) => digits * power(own - exponent));
  return { kind: 'finite', negative: a.negative, digits: (top ?? 0n) % (bottom ?? 1n), exponent };
}

export function squareRoot(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value;
  if (value.digits === 0n) return { ...value, exponent: Math.floor(value.exponent / 2) };
  const odd = Math.abs(value.exponent % 2);
  const wanted = Math.floor(value.exponent / 2);
  const places = Math.max(0, MOST_DIGITS + 2 - Math.ceil(digitsIn(value.digits) / 2));
  const square = value.digits * power(odd + 2 * places);
  const root = wholeRoot(square);
  if (root * root !== square) return finite(root * 10n + 1n, wanted - places - 1);
  return shortened(finite(root, wanted - places), wanted);
}

/** Newton's method, from above. */
function wholeRoot(square: bigint): bigint {
  let root = power(Math.ceil(digitsIn(square) / 2));
  for (;;) {
    const next = (root + square / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

export function isZero(value: Decimal): boolean {
  return value.kind === 'finite' && value.digits === 0n;
}

export const signed = ({ negative, digits }: Finite): bigint => (negative ? -digits : digits);

/** A whole number's power, exactly as far as 34 digits go. */
export function wholePower(base: Decimal, exponent: number): Decimal {
  let result: Decimal = finite(1n);
  let square = base;
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = guarded(multiplyDecimals(result, square));
    square = guarded(multiplyDecimals(square, square));
  }
  return exponent < 0 ? divideDecimals(finite(1n), result) : result;
}

/** With some digits to spare, so that many steps do not make one step's error visible. */
function guarded(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value;
  const excess = digitsIn(value.digits) - MOST_DIGITS - 12;
  return excess > 0 ? shifted(value, excess, roundHalfEven) : value;
}
