import { Long, ObjectId, Timestamp } from 'bson';
import { evalExpr } from 'mingo/core';
import * as dates from 'mingo/operators/expression/date';
import type { Options } from 'mingo/types';
import { isDate, isDocument, numberOf, promote, type Document } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { addUnits, dateOfParts, isoWeekYear, type Offset } from './calendar.js';
import { parseDate } from './conversion.js';
import { isNullish, namedOperator, nameOf, type Operator } from './operator.js';

/** What counts as a date: ids and timestamps hold one. */
function dateOf(value: unknown, code: number): Date {
  if (isDate(value)) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.getHighBitsUnsigned() * 1_000);
  throw new MongoError(code, `can't convert from BSON type ${nameOf(value)} to Date`);
}

/** `$year` and its like, on a date or on `{ date, timezone }`; null of null. */
function part(compute: Operator): Operator {
  return (document, operand, options) => {
    const [only] = Array.isArray(operand) && operand.length === 1 ? (operand as unknown[]) : [operand];
    const named = isDocument(only) && 'date' in only ? only : { date: only };
    const date = evalExpr(document, named.date, options);
    if (isNullish(date)) return null;
    const zone = 'timezone' in named ? evalExpr(document, named.timezone, options) : undefined;
    if (zone === null) return null;
    return compute(document, { date: dateOf(date, 16006), ...(zone !== undefined && { timezone: zone }) }, options);
  };
}

/** Operators on named arguments of which these are dates; null when one of them is. */
function onDates(compute: Operator, names: readonly string[], code: number): Operator {
  return (document, operand, options) => {
    if (!isDocument(operand)) throw new MongoError(code, 'the argument must be an object');
    const evaluated: Record<string, unknown> = {};
    for (const [name, expression] of Object.entries(operand)) {
      evaluated[name] = promote(evalExpr(document, expression, options));
    }
    if (names.some((name) => isNullish(evaluated[name]))) return evaluated.onNull ?? null;
    for (const name of names) evaluated[name] = dateOf(evaluated[name], code);
    return compute(document, evaluated, options);
  };
}

/** Sunday begins a week; the days before the first one are week 0. */
const weekOfYear: Operator = (document, operand, options) => {
  const dayOfYear = Number(dates.$dayOfYear(document, operand, options)) - 1;
  const dayOfWeek = Number(dates.$dayOfWeek(document, operand, options)) - 1;
  return Math.floor((dayOfYear + 7 - dayOfWeek) / 7);
};

const fromString: Operator = (document, operand, options) => {
  if (!isDocument(operand)) throw new MongoError(40540, '$dateFromString only supports an object as an argument');
  const text = evalExpr(document, operand.dateString, options);
  if (isNullish(text)) return 'onNull' in operand ? evalExpr(document, operand.onNull, options) : null;
  try {
    if (typeof text !== 'string')
      throw new MongoError(241, `$dateFromString requires a string, found: ${nameOf(text)}`);
    if (!('format' in operand) && !('timezone' in operand)) return parseDate(text);
    return dates.$dateFromString(document, { ...operand, dateString: text }, options);
  } catch (error) {
    if ('onError' in operand) return evalExpr(document, operand.onError, options);
    throw error instanceof MongoError ? error : new MongoError(241, `Error parsing date string '${String(text)}'`);
  }
};

/** What a zone is ahead of UTC at a time, by the parts that mingo finds there. */
function offsetOf(timezone: unknown, options: Options): Offset {
  if (isNullish(timezone)) return () => 0;
  return (time) => {
    const shown = dates.$dateToString({}, { date: new Date(time), timezone, format: '%Y-%m-%dT%H:%M:%S.%LZ' }, options);
    return Date.parse(String(shown)) - time;
  };
}

const fromParts: Operator = (document, operand, options) => {
  const evaluated = namedOperator('$dateFromParts', (values) => values)(document, operand, options);
  if (!isDocument(evaluated) || Object.values(evaluated).some(isNullish)) return null;
  const { timezone, ...parts } = evaluated;
  const numbers = Object.entries(parts).map(([name, value]) => [name, numberOf(value)] as const);
  return dateOfParts(Object.fromEntries(numbers), offsetOf(timezone, options));
};

const shift = (sign: 1 | -1): Operator =>
  onDates(
    (_document, operand, options) => {
      const { startDate, unit, amount, timezone }: Document = isDocument(operand) ? operand : {};
      const units = numberOf(amount);
      if (!isDate(startDate) || isNullish(unit) || units === undefined) return null;
      return addUnits(startDate, String(unit), sign * units, offsetOf(timezone, options));
    },
    ['startDate'],
    5_166_403,
  );

const weekYear: Operator = (_document, operand, options) => {
  const { date, timezone }: Document = isDocument(operand) ? operand : {};
  if (!isDate(date)) return null;
  return Long.fromNumber(isoWeekYear(new Date(date.getTime() + offsetOf(timezone, options)(date.getTime()))));
};

/** Of what mingo would write otherwise: the first day of the week is 1, and a percent sign stays. */
const toText: Operator = (document, operand, options) => {
  const given: Document = isDocument(operand) ? operand : {};
  if (typeof given.format !== 'string') return dates.$dateToString(document, given, options);
  const pieces = given.format.split('%%').map((piece) => {
    const format = piece
      .replaceAll('%w', () => String(dates.$dayOfWeek(document, given, options)))
      .replaceAll('%U', () => String(weekOfYear(document, given, options)).padStart(2, '0'))
      .replaceAll('%G', () => String(weekYear(document, given, options)).padStart(4, '0'));
    return dates.$dateToString(document, { ...given, format }, options);
  });
  return pieces.join('%');
};

const countUnits = onDates(dates.$dateDiff, ['startDate', 'endDate'], 5_166_307);

/** An int64. */
const difference: Operator = (document, operand, options) => {
  const units = countUnits(document, operand, options);
  return typeof units === 'number' ? Long.fromNumber(units) : units;
};

export const dateOperators = {
  $year: part(dates.$year),
  $month: part(dates.$month),
  $week: part(weekOfYear),
  $dayOfMonth: part(dates.$dayOfMonth),
  $dayOfWeek: part(dates.$dayOfWeek),
  $dayOfYear: part(dates.$dayOfYear),
  $isoWeek: part(dates.$isoWeek),
  $isoWeekYear: part(weekYear),
  $isoDayOfWeek: part(dates.$isoDayOfWeek),
  $hour: part(dates.$hour),
  $minute: part(dates.$minute),
  $second: part(dates.$second),
  $millisecond: part(dates.$millisecond),
  $dateToString: onDates(toText, ['date'], 16006),
  $dateToParts: onDates(dates.$dateToParts, ['date'], 16006),
  $dateTrunc: onDates(dates.$dateTrunc, ['date'], 5_439_012),
  $dateAdd: shift(1),
  $dateSubtract: shift(-1),
  $dateDiff: difference,
  $dateFromString: fromString,
  $dateFromParts: fromParts,
};
