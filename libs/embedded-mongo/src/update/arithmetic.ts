import { Decimal128, Double, Int32, Long } from 'bson';
import { addDecimals, decimalOf, multiplyDecimals, toDecimal128, ZERO } from '../bson/decimal.js';
import { numberOf } from '../bson/document.js';
import { isInt32 } from '../bson/number.js';
import { badValue } from '../errors.js';

type Operation = 'add' | 'multiply';

/** The sum or product of the old value and the operand, in the wider of the two BSON types; int32 grows to int64, int64 never wraps. */
export function calculate(operation: Operation, a: unknown, b: unknown): unknown {
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimals(operation, a, b);
  if (isFloating(a) || isFloating(b)) {
    const [x, y] = [numberOf(a) ?? NaN, numberOf(b) ?? NaN];
    const result = operation === 'add' ? x + y : x * y;
    // Zero of the other sign is no change.
    return a instanceof Double && x === result ? a : new Double(result);
  }
  const [x, y] = [bigIntOf(a), bigIntOf(b)];
  const result = operation === 'add' ? x + y : x * y;
  if (BigInt.asIntN(64, result) !== result) throw badValue('Failed to apply the operation: int64 overflow');
  const wide = a instanceof Long || b instanceof Long || BigInt.asIntN(32, result) !== result;
  return wide ? Long.fromBigInt(result) : new Int32(Number(result));
}

function isFloating(value: unknown): boolean {
  return value instanceof Double || (typeof value === 'number' && !isInt32(value));
}

function bigIntOf(value: unknown): bigint {
  return value instanceof Long ? value.toBigInt() : BigInt(numberOf(value) ?? 0);
}

function decimals(operation: Operation, a: unknown, b: unknown): Decimal128 {
  const [x, y] = [decimalOf(a) ?? ZERO, decimalOf(b) ?? ZERO];
  return toDecimal128(operation === 'add' ? addDecimals(x, y) : multiplyDecimals(x, y));
}

/** `$bit`: and, or, xor on int32 and int64. */
export function bitwise(operation: string, a: unknown, b: unknown): unknown {
  const [x, y] = [bigIntOf(a), bigIntOf(b)];
  const result = operation === 'and' ? x & y : operation === 'or' ? x | y : x ^ y;
  if (!['and', 'or', 'xor'].includes(operation)) throw badValue(`The $bit modifier only supports and, or, and xor`);
  return a instanceof Long || b instanceof Long ? Long.fromBigInt(result) : new Int32(Number(result));
}
