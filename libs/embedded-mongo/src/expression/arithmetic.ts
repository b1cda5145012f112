import { Long } from 'bson';
import { compareValues } from '../bson/compare.js';
import { roundedTo, roundHalfEven, toDecimal128 } from '../bson/decimal.js';
import { isDate } from '../bson/document.js';
import { isNumeric } from '../bson/number.js';
import { MongoError } from '../errors.js';
import {
  decimal,
  differenceOf,
  isZeroNumber,
  moduloOf,
  productOf,
  quotientOf,
  real,
  sumOf,
  totalOf,
  Width,
  widthOf,
} from './numeric.js';
import { isNullish, nameOf, operator, unlessNull } from './operator.js';

function mismatch(message: string): MongoError {
  return new MongoError(14, message);
}

/** The first operand that ends the calculation: null of null, or an error of what is no number. */
function firstOther(values: unknown[], accepts: (value: unknown) => boolean): number {
  return values.findIndex((value) => !accepts(value));
}

/** A decimal in the middle goes to the even one, as everywhere; a double goes up. */
function wholeMilliseconds(value: unknown): number {
  if (widthOf(value) !== Width.decimal) return Math.round(real(value));
  return real(toDecimal128(roundedTo(decimal(value), 0, roundHalfEven)));
}

function add(values: unknown[]): unknown {
  if (values.length === 2 && typeof values[0] === 'number' && typeof values[1] === 'number') {
    return sumOf(values[0], values[1]);
  }
  const other = firstOther(values, (value) => isNumeric(value) || isDate(value));
  if (other >= 0 && isNullish(values[other])) return null;
  if (other >= 0) throw mismatch(`$add only supports numeric or date types, not ${nameOf(values[other])}`);
  const dates = values.filter(isDate);
  if (dates.length > 1) throw mismatch('only one date allowed in an $add expression');
  const total = totalOf(values).result();
  const [date] = dates;
  return date ? new Date(date.getTime() + wholeMilliseconds(total)) : total;
}

function subtract(a: unknown, b: unknown): unknown {
  if (isDate(a) && isDate(b)) return Long.fromNumber(a.getTime() - b.getTime());
  // Unlike a sum, a time between two milliseconds is in the earlier one.
  if (isDate(a) && isNumeric(b)) return new Date(Math.floor(a.getTime() - real(b)));
  if (isNumeric(a) && isNumeric(b)) return differenceOf(a, b);
  throw mismatch(`can't $subtract ${nameOf(b)} from ${nameOf(a)}`);
}

function multiply(values: unknown[]): unknown {
  const other = firstOther(values, isNumeric);
  if (other < 0) return values.reduce(productOf, 1);
  if (isNullish(values[other])) return null;
  throw mismatch(`$multiply only supports numeric types, not ${nameOf(values[other])}`);
}

function divide(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) {
    throw mismatch(`$divide only supports numeric types, not ${nameOf(a)} and ${nameOf(b)}`);
  }
  if (isZeroNumber(b)) throw new MongoError(2, "can't $divide by zero");
  return quotientOf(a, b);
}

function modulo(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) {
    throw new MongoError(16611, `$mod only supports numeric types, not ${nameOf(a)} and ${nameOf(b)}`);
  }
  if (isZeroNumber(b)) throw new MongoError(16610, "can't $mod by zero");
  return moduloOf(a, b);
}

export const spread = (values: unknown[]): unknown[] =>
  values.length === 1 && Array.isArray(values[0]) ? (values[0] as unknown[]) : values;

/** The lowest or highest value; null and missing do not count. */
export function extreme(values: unknown[], sign: 1 | -1): unknown {
  const present = values.filter((value) => !isNullish(value));
  if (present.length === 0) return null;
  return present.reduce((best, value) => (sign * compareValues(value, best) > 0 ? value : best));
}

const ANY = [0, Infinity] as const;

export const arithmeticOperators = {
  $add: operator('$add', ANY, add),
  $subtract: operator('$subtract', [2, 2], unlessNull(subtract)),
  $multiply: operator('$multiply', ANY, multiply),
  $divide: operator('$divide', [2, 2], unlessNull(divide)),
  $mod: operator('$mod', [2, 2], unlessNull(modulo)),
  $sum: operator('$sum', ANY, (values) => totalOf(spread(values)).result()),
  $avg: operator('$avg', ANY, (values) => totalOf(spread(values)).average()),
  $min: operator('$min', ANY, (values) => extreme(spread(values), -1)),
  $max: operator('$max', ANY, (values) => extreme(spread(values), 1)),
};
