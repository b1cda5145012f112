import { Decimal128, Double, Int32, Long } from 'bson';
import {
  addDecimals,
  decimalOf,
  divideDecimals,
  finite,
  isZero,
  multiplyDecimals,
  negated,
  remainderOf,
  toDecimal128,
  ZERO,
  type Decimal,
} from '../bson/decimal.js';
import { numberOf } from '../bson/document.js';
import { double, isInt32, isLong } from '../bson/number.js';

/** BSON's types of numbers, the wider the higher: a result has the widest of its operands. */
export const Width = { int: 0, long: 1, double: 2, decimal: 3 } as const;
export type Width = (typeof Width)[keyof typeof Width];

/** Undefined for what is no number. */
export function widthOf(value: unknown): Width | undefined {
  if (typeof value === 'number') return isInt32(value) ? Width.int : Width.double;
  if (value instanceof Double) return Width.double;
  if (value instanceof Int32) return Width.int;
  if (typeof value === 'bigint' || isLong(value)) return Width.long;
  return value instanceof Decimal128 ? Width.decimal : undefined;
}

/** As a double; what is no number is NaN. */
export function real(value: unknown): number {
  if (typeof value === 'number') return value;
  return value instanceof Decimal128 ? Number(value.toString()) : (numberOf(value) ?? Number(value));
}

export const decimal = (value: unknown): Decimal => decimalOf(value) ?? ZERO;

/** Of int32 and int64 only. */
export function whole(value: unknown): bigint {
  if (isLong(value)) return value.toBigInt();
  return typeof value === 'bigint' ? value : BigInt(numberOf(value) ?? 0);
}

const fitsLong = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/** An int32 where it fits and no operand was wider, otherwise an int64; a double when it does not fit at all. */
export function integer(value: bigint, width: Width): unknown {
  if (!fitsLong(value)) return double(Number(value));
  const small = Number(value);
  return width === Width.int && isInt32(small) ? small : Long.fromBigInt(value);
}

interface Arithmetic {
  doubles: (a: number, b: number) => number;
  integers: (a: bigint, b: bigint) => bigint;
  decimals: (a: Decimal, b: Decimal) => Decimal;
}

/** An operation whose result is as wide as the wider operand; integers that outgrow it get the next wider type. */
function arithmetic({ doubles, integers, decimals }: Arithmetic): (a: unknown, b: unknown) => unknown {
  return (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') {
      const result = doubles(a, b);
      if (!isInt32(a) || !isInt32(b)) return double(result);
      // Zero has no sign among integers.
      if (isInt32(result) || result === 0) return result + 0;
      if (Number.isSafeInteger(result)) return Long.fromNumber(result);
    }
    const width = Math.max(widthOf(a) ?? Width.double, widthOf(b) ?? Width.double);
    if (width === Width.decimal) return toDecimal128(decimals(decimal(a), decimal(b)));
    if (width === Width.double) return double(doubles(real(a), real(b)));
    return integer(integers(whole(a), whole(b)), width === Width.int ? Width.int : Width.long);
  };
}

export const sumOf = arithmetic({
  doubles: (a, b) => a + b,
  integers: (a, b) => a + b,
  decimals: addDecimals,
});

export const differenceOf = arithmetic({
  doubles: (a, b) => a - b,
  integers: (a, b) => a - b,
  decimals: (a, b) => addDecimals(a, negated(b)),
});

export const productOf = arithmetic({
  doubles: (a, b) => a * b,
  integers: (a, b) => a * b,
  decimals: multiplyDecimals,
});

export const isZeroNumber = (value: unknown): boolean =>
  value instanceof Decimal128 ? isZero(decimal(value)) : real(value) === 0;

/** Always a double, or a decimal. */
export function quotientOf(a: unknown, b: unknown): unknown {
  const isDecimal = a instanceof Decimal128 || b instanceof Decimal128;
  return isDecimal ? toDecimal128(divideDecimals(decimal(a), decimal(b))) : double(real(a) / real(b));
}

/** A whole double is as good a divisor of integers as an integer. */
export function moduloOf(a: unknown, b: unknown): unknown {
  const [left, right] = [widthOf(a), widthOf(b)];
  if (left === Width.decimal || right === Width.decimal) return toDecimal128(remainderOf(decimal(a), decimal(b)));
  if (left === Width.double || (right === Width.double && !isInt32(real(b)))) return double(real(a) % real(b));
  const wide = left === Width.long || right === Width.long;
  return integer(whole(a) % whole(b), wide ? Width.long : Width.int);
}

const MOST_SMALL = 2 ** 52;

/**
 * A sum of any numbers. Integers are added exactly whatever their number, and doubles with what rounding loses, as
 * MongoDB does; the result is as wide as the widest of them.
 */
export class Total {
  count = 0;
  private width: Width = Width.int;
  private small = 0;
  private large = 0n;
  private sum = 0;
  private rest = 0;
  private decimals: Decimal = ZERO;

  add(value: unknown): void {
    const width = widthOf(value);
    if (width === undefined) return;
    this.count++;
    if (width > this.width) this.width = width;
    if (width === Width.int) this.addSmall(real(value));
    else if (width === Width.long) this.large += whole(value);
    else if (width === Width.double) this.addDouble(real(value));
    else this.decimals = addDecimals(this.decimals, decimal(value));
  }

  private addSmall(value: number): void {
    this.small += value;
    if (Math.abs(this.small) < MOST_SMALL) return;
    this.large += BigInt(this.small);
    this.small = 0;
  }

  private addDouble(value: number): void {
    const sum = this.sum + value;
    this.rest += Math.abs(this.sum) >= Math.abs(value) ? this.sum - sum + value : value - sum + this.sum;
    this.sum = sum;
  }

  private get integers(): bigint {
    return this.large + BigInt(this.small);
  }

  result(): unknown {
    if (this.width === Width.int && this.large === 0n) {
      return isInt32(this.small) || this.small === 0 ? this.small + 0 : Long.fromNumber(this.small);
    }
    if (this.width < Width.double) return integer(this.integers, this.width);
    return this.width === Width.double ? double(this.real()) : toDecimal128(this.decimal());
  }

  /** Null of nothing; a double, or a decimal. */
  average(): unknown {
    if (this.count === 0) return null;
    if (this.width < Width.decimal) return double(this.real() / this.count);
    return toDecimal128(divideDecimals(this.decimal(), finite(BigInt(this.count))));
  }

  private real(): number {
    const { sum, rest } = this;
    if (!Number.isFinite(sum)) return sum;
    const integers = Number(this.integers);
    return integers === 0 ? sum + rest : sum + integers + rest;
  }

  private decimal(): Decimal {
    const doubles = decimal(this.sum === 0 ? 0 : double(this.sum + this.rest));
    return addDecimals(this.decimals, addDecimals(finite(this.integers), doubles));
  }
}

export function totalOf(values: readonly unknown[]): Total {
  const total = new Total();
  for (const value of values) total.add(value);
  return total;
}
