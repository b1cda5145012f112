import { Long } from 'bson';
import { evalExpr } from 'mingo/core';
import * as dates from 'mingo/operators/expression/date';
import type { Options } from 'mingo/types';
import { isDate, isDocument, numberOf, promote, type Document } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { dateOfParts, isoWeekYear, unshown } from './calendar.js';
import { parseDate } from './conversion.js';
import { dateOf, dateUnitOperators } from './date-units.js';
import { isNullish, namedOperator, nameOf, type Operator } from './operator.js';
import { isUtc, offsetOf } from './zones.js';

/** The time that a clock in the zone shows, as if it were UTC. */
function shownAt(date: Date, timezone: unknown): Date {
  return new Date(date.getTime() + offsetOf(timezone)(date.getTime()));
}

/** `$year` and its like, on a date or on `{ date, timezone }`; null of null. */
function part(compute: Operator): Operator {
  return (document, operand, options) => {
    const [only] = Array.isArray(operand) && operand.length === 1 ? (operand as unknown[]) : [operand];
    const named: Document = isDocument(only) && 'date' in only ? only : { date: only };
    const unknown = Object.keys(named).find((name) => name !== 'date' && name !== 'timezone');
    if (unknown !== undefined) throw new MongoError(40535, `unrecognized option to a part of a date: ${unknown}`);
    const date = evalExpr(document, named.date, options);
    if (isNullish(date)) return null;
    const zone = 'timezone' in named ? evalExpr(document, named.timezone, options) : 'UTC';
    if (isNullish(zone)) return null;
    if (typeof zone !== 'string') throw new MongoError(40533, `a timezone must be a string, found: ${nameOf(zone)}`);
    return compute(document, { date: shownAt(dateOf(date, 16006), zone) }, options);
  };
}

/**
 * Operators on named arguments of which these are dates, and `compute` gets what a clock in the zone shows for them;
 * null when a date is, or another argument that is given.
 */
function onDates(compute: Operator, names: readonly string[], code: number): Operator {
  return (document, operand, options) => {
    if (!isDocument(operand)) throw new MongoError(code, 'the argument must be an object');
    const evaluated: Record<string, unknown> = {};
    for (const [name, expression] of Object.entries(operand)) {
      evaluated[name] = promote(evalExpr(document, expression, options));
    }
    const { onNull, timezone, ...given } = evaluated;
    if (names.some((name) => isNullish(evaluated[name]))) return onNull ?? null;
    if ('timezone' in evaluated && isNullish(timezone)) return null;
    if (Object.values(given).some(isNullish)) return null;
    for (const name of names) given[name] = shownAt(dateOf(evaluated[name], code), timezone);
    return compute(document, { ...given, ...('timezone' in evaluated && { timezone }) }, options);
  };
}

/** Sunday begins a week; the days before the first one are week 0. */
const weekOfYear: Operator = (document, operand, options) => {
  const dayOfYear = Number(dates.$dayOfYear(document, operand, options)) - 1;
  const dayOfWeek = Number(dates.$dayOfWeek(document, operand, options)) - 1;
  return Math.floor((dayOfYear + 7 - dayOfWeek) / 7);
};

const ZONE_IN_TEXT = /(z|[+-]\d\d:?\d\d)$|gmt|utc/i;

const fromString: Operator = (document, operand, options) => {
  if (!isDocument(operand)) throw new MongoError(40540, '$dateFromString only supports an object as an argument');
  const text = evalExpr(document, operand.dateString, options);
  if (isNullish(text)) return 'onNull' in operand ? evalExpr(document, operand.onNull, options) : null;
  const format = 'format' in operand ? evalExpr(document, operand.format, options) : undefined;
  const zone = 'timezone' in operand ? evalExpr(document, operand.timezone, options) : 'UTC';
  if (isNullish(zone) || ('format' in operand && isNullish(format))) return null;
  if (format !== undefined && typeof format !== 'string') {
    throw new MongoError(40684, `$dateFromString requires that 'format' be a string, found: ${nameOf(format)}`);
  }
  const offset = offsetOf(zone);
  try {
    if (typeof text !== 'string')
      throw new MongoError(241, `$dateFromString requires a string, found: ${nameOf(text)}`);
    const hasZone = ZONE_IN_TEXT.test(text) && !/^\d{4}-\d\d-\d\d$/.test(text);
    if (hasZone && 'timezone' in operand) {
      throw new MongoError(241, `the date string '${text}' has a time zone, and 'timezone' is given, too`);
    }
    const shown = format === undefined ? parseDate(text) : byFormat(text, format, options);
    return unshown(shown.getTime(), offset);
  } catch (error) {
    if ('onError' in operand) return evalExpr(document, operand.onError, options);
    throw error instanceof MongoError ? error : new MongoError(241, `Error parsing date string '${String(text)}'`);
  }
};

function byFormat(dateString: string, format: string, options: Options): Date {
  const date: unknown = dates.$dateFromString({}, { dateString, format }, options);
  if (isDate(date)) return date;
  throw new MongoError(241, `Error parsing date string '${dateString}' with format '${format}'`);
}

const fromParts: Operator = (document, operand, options) => {
  const evaluated = namedOperator('$dateFromParts', (values) => values)(document, operand, options);
  if (!isDocument(evaluated) || Object.values(evaluated).some(isNullish)) return null;
  const { timezone, ...parts } = evaluated;
  if (!('year' in parts) && !('isoWeekYear' in parts)) {
    throw new MongoError(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
  }
  const numbers = Object.entries(parts).map(([name, value]) => [name, wholePart(name, value)] as const);
  return dateOfParts(Object.fromEntries(numbers), offsetOf(timezone));
};

function wholePart(name: string, value: unknown): number {
  const number = numberOf(value);
  if (number === undefined || !Number.isInteger(number)) {
    throw new MongoError(40515, `'${name}' must evaluate to an integer, found: ${nameOf(value)}`);
  }
  if (name.toLowerCase().endsWith('year') && (number < 1 || number > 9_999)) {
    throw new MongoError(40523, `'${name}' must evaluate to an integer in the range 1 to 9999, found ${number}`);
  }
  return number;
}

const weekYear: Operator = (_document, operand) => {
  const { date }: Document = isDocument(operand) ? operand : {};
  return isDate(date) ? Long.fromNumber(isoWeekYear(date)) : null;
};

const DEFAULT_FORMAT = '%Y-%m-%dT%H:%M:%S.%L';

/** Of what mingo would write otherwise: the first day of the week is 1, a percent sign stays, and zones. */
const toText: Operator = (document, operand, options) => {
  const {
    timezone,
    date,
    format = DEFAULT_FORMAT + (isUtc(timezone) ? 'Z' : ''),
  }: Document = isDocument(operand) ? operand : {};
  if (typeof format !== 'string') {
    throw new MongoError(18533, `$dateToString requires that 'format' be a string, found: ${nameOf(format)}`);
  }
  if (!isDate(date)) return null;
  const pieces = format.split('%%').map((piece) => {
    const filled = piece
      .replaceAll('%w', () => String(dates.$dayOfWeek(document, { date }, options)))
      .replaceAll('%U', () => String(weekOfYear(document, { date }, options)).padStart(2, '0'))
      .replaceAll('%G', () => String(weekYear(document, { date }, options)).padStart(4, '0'))
      .replaceAll('%z', () => aheadText(date, timezone))
      .replaceAll('%Z', () => String(aheadMinutes(date, timezone)));
    return dates.$dateToString(document, { date, format: filled }, options);
  });
  return pieces.join('%');
};

/** What the zone is ahead of UTC when its clocks show this. */
function aheadMinutes(shown: Date, timezone: unknown): number {
  return (shown.getTime() - unshown(shown.getTime(), offsetOf(timezone)).getTime()) / 60_000;
}

function aheadText(shown: Date, timezone: unknown): string {
  const minutes = aheadMinutes(shown, timezone);
  const digits = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${digits(Math.abs(minutes) / 60)}${digits(Math.abs(minutes) % 60)}`;
}

const withoutZone =
  (compute: Operator): Operator =>
  (document, operand, options) => {
    const { timezone: _timezone, ...given }: Document = isDocument(operand) ? operand : {};
    return compute(document, given, options);
  };

/** The day before the time of the day, and of the ISO year mingo has another idea. */
const toParts: Operator = (document, operand, options) => {
  if (isDocument(operand) && 'iso8601' in operand && typeof operand.iso8601 !== 'boolean') {
    throw new MongoError(40521, `iso8601 must evaluate to a bool, found: ${nameOf(operand.iso8601)}`);
  }
  const parts: unknown = dates.$dateToParts(document, operand, options);
  if (!isDocument(parts) || !isDocument(operand) || !isDate(operand.date)) return parts;
  const { hour, minute, second, millisecond, ...day } = parts;
  if ('isoWeekYear' in day) day.isoWeekYear = isoWeekYear(operand.date);
  return { ...day, hour, minute, second, millisecond };
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
  $dateToParts: onDates(withoutZone(toParts), ['date'], 16006),
  ...dateUnitOperators,
  $dateFromString: fromString,
  $dateFromParts: fromParts,
};
