import { Int32, Long } from 'bson';

/** What the BSON writer stores as int32. */
export function isIntegerNumber(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31 && !Object.is(value, -0);
}

export function isInteger(value: unknown): boolean {
  return value instanceof Int32 || value instanceof Long || (typeof value === 'number' && isIntegerNumber(value));
}
