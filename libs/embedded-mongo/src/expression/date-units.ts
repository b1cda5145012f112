import { Long, ObjectId, Timestamp } from 'bson';
import { evalExpr } from 'mingo/core';
import * as dates from 'mingo/operators/expression/date';
import type { AnyObject, Options } from 'mingo/types';
import { isDate, isDocument, numberOf, promote, type Document } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { addUnits, unshown, type Offset } from './calendar.js';
import { isNullish, nameOf, type Operator } from './operator.js';
import { offsetOf } from './zones.js';

/** What counts as a date: ids and timestamps hold one. */
export function dateOf(value: unknown, code: number): Date {
  if (isDate(value)) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.getHighBitsUnsigned() * 1_000);
  throw new MongoError(code, `can't convert from BSON type ${nameOf(value)} to Date`);
}

interface Given {
  /** By name, evaluated. */
  values: Document;
  offset: Offset;
}

/** The arguments of an operator on times; undefined when one of them is null, or missing where it has to be. */
function givenTo(
  document: AnyObject,
  operand: unknown,
  options: Options,
  required: readonly string[],
): Given | undefined {
  if (!isDocument(operand)) return undefined;
  const values: Document = {};
  for (const [name, expression] of Object.entries(operand)) {
    values[name] = promote(evalExpr(document, expression, options));
  }
  // When no weeks are counted, nobody asks on which day they begin.
  if (values.unit !== 'week') delete values.startOfWeek;
  if ([...required, ...Object.keys(operand)].some((name) => name !== 'startOfWeek' && isNullish(values[name])))
    return undefined;
  if ('startOfWeek' in values && isNullish(values.startOfWeek)) return undefined;
  checkUnit(values.unit);
  return { values, offset: offsetOf(values.timezone) };
}

const UNITS = new Set(['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond']);

function checkUnit(unit: unknown): void {
  if (typeof unit !== 'string') throw new MongoError(5_439_013, `'unit' must be a string, found: ${nameOf(unit)}`);
  if (!UNITS.has(unit)) throw new MongoError(9, `unknown time unit value: ${unit}`);
}

const shift =
  (sign: 1 | -1): Operator =>
  (document, operand, options) => {
    const given = givenTo(document, operand, options, ['startDate', 'unit', 'amount']);
    if (!given) return null;
    const { startDate, unit, amount } = given.values;
    const units = numberOf(amount);
    if (units === undefined || !Number.isInteger(units)) {
      throw new MongoError(5_166_405, `the amount must be an integer, found: ${nameOf(amount)}`);
    }
    return addUnits(dateOf(startDate, 5_166_403), String(unit), sign * units, given.offset);
  };

/** Units that are counted in time that passes, not by what a clock shows. */
const SHORT = new Set(['hour', 'minute', 'second', 'millisecond']);
/** Bins of several units are counted from here. */
const FIRST_BIN = Date.UTC(2000, 0, 1);

const truncate: Operator = (document, operand, options) => {
  const given = givenTo(document, operand, options, ['date', 'unit']);
  if (!given) return null;
  const { date, timezone: _timezone, ...others } = given.values;
  const size = numberOf(others.binSize ?? 1);
  if (size === undefined || !Number.isInteger(size)) {
    const found = nameOf(others.binSize);
    throw new MongoError(5_439_017, `$dateTrunc requires 'binSize' to be a 64-bit integer, found: ${found}`);
  }
  const first = given.offset(FIRST_BIN);
  const offset = SHORT.has(String(others.unit)) ? () => first : given.offset;
  const time = dateOf(date, 5_439_012).getTime();
  const shown = dates.$dateTrunc(document, { ...others, date: new Date(time + offset(time)) }, options);
  return isDate(shown) ? unshown(shown.getTime(), offset) : shown;
};

/** How many units begin between two times: an int64. */
const difference: Operator = (document, operand, options) => {
  const given = givenTo(document, operand, options, ['startDate', 'endDate', 'unit']);
  if (!given) return null;
  const { timezone: _timezone, ...others } = given.values;
  const [start, end] = [dateOf(others.startDate, 5_166_307), dateOf(others.endDate, 5_166_307)].map(Number);
  if (start === undefined || end === undefined) return null;
  const ahead = given.offset(start);
  const startDate = new Date(start + ahead);
  const endDate = new Date(end + (SHORT.has(String(others.unit)) ? ahead : given.offset(end)));
  const units = dates.$dateDiff(document, { ...others, startDate, endDate }, options);
  return typeof units === 'number' ? Long.fromNumber(units) : units;
};

export const dateUnitOperators = {
  $dateTrunc: truncate,
  $dateAdd: shift(1),
  $dateSubtract: shift(-1),
  $dateDiff: difference,
};
