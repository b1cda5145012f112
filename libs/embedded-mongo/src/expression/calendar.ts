import { MongoError } from '../errors.js';

/** Times as a clock at some place shows them, held as if they were UTC; `offset` is what that place is ahead. */
export type Offset = (time: number) => number;

const IN_MONTHS: Record<string, number> = { month: 1, quarter: 3, year: 12 };
const IN_MILLIS: Record<string, number> = {
  week: 604_800_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
  millisecond: 1,
};
/** Shorter ones are counted in time that passes, not on the clock. */
const ON_THE_CLOCK = new Set(['day', 'week', 'month', 'quarter', 'year']);

/** The same day some units later; the last one of a month that is shorter. Throws for a unit that is none. */
export function addUnits(date: Date, unit: string, amount: number, offset: Offset): Date {
  const ahead = ON_THE_CLOCK.has(unit) ? offset(date.getTime()) : 0;
  const shown = new Date(date.getTime() + ahead);
  const [months, millis] = [IN_MONTHS[unit], IN_MILLIS[unit]];
  if (months !== undefined) addMonths(shown, months * amount);
  else if (millis !== undefined) shown.setTime(shown.getTime() + millis * amount);
  else throw new MongoError(9, `unknown time unit value: ${unit}`);
  return ON_THE_CLOCK.has(unit) ? unshown(shown.getTime(), offset) : shown;
}

function addMonths(date: Date, months: number): void {
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
}

/** When a clock shows this. */
export function unshown(shown: number, offset: Offset): Date {
  const near = shown - offset(shown);
  return new Date(shown - offset(near));
}

/** The year that most of the week belongs to. */
export function isoWeekYear(date: Date): number {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  return thursday.getUTCFullYear();
}

export type Parts = Record<string, number | undefined>;

/** A date of its parts; those that are too large or too small count on into the next. */
export function dateOfParts(parts: Parts, offset: Offset): Date {
  const { hour = 0, minute = 0, second = 0, millisecond = 0 } = parts;
  const shown = parts.isoWeekYear === undefined ? calendarDay(parts) : isoDay(parts.isoWeekYear, parts);
  shown.setUTCHours(hour, minute, second, millisecond);
  return unshown(shown.getTime(), offset);
}

function calendarDay({ year = 1970, month = 1, day = 1 }: Parts): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date;
}

/** Week 1 is the one with the 4th of January; weeks begin on Monday. */
function isoDay(year: number, { isoWeek = 1, isoDayOfWeek = 1 }: Parts): Date {
  const fourth = calendarDay({ year, month: 1, day: 4 });
  fourth.setUTCDate(4 - (fourth.getUTCDay() || 7) + (isoWeek - 1) * 7 + isoDayOfWeek);
  return fourth;
}
