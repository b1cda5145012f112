import { Int32 } from 'bson';
import { isInt32, isLong } from '../bson/number.js';

export function isInteger(value: unknown): boolean {
  return value instanceof Int32 || isLong(value) || (typeof value === 'number' && isInt32(value));
}
