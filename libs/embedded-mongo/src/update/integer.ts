import { Int32 } from 'bson';
import { isLong } from '../bson/number.js';

/** What the BSON writer stores as int32. */
export function isIntegerNumber(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31 && !Object.is(value, -0);
}

export function isInteger(value: unknown): boolean {
  return value instanceof Int32 || isLong(value) || (typeof value === 'number' && isIntegerNumber(value));
}
