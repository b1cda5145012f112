import { MongoError } from '../errors.js';
import type { Offset } from './calendar.js';
import { isNullish, nameOf } from './operator.js';

const MINUTE = 60_000;
const utc: Offset = () => 0;
const known = new Map<string, Offset>([
  ['UTC', utc],
  ['GMT', utc],
  ['Z', utc],
]);

/** What a zone is ahead of UTC at a time: an offset (`+03`, `-0530`, `+05:30`) or a name of the tz database. */
export function offsetOf(zone: unknown): Offset {
  if (isNullish(zone)) return utc;
  if (typeof zone !== 'string') {
    throw new MongoError(40517, `timezone must evaluate to a string, found ${nameOf(zone)}`);
  }
  const before = known.get(zone);
  if (before) return before;
  const offset = fixed(zone) ?? named(zone);
  known.set(zone, offset);
  return offset;
}

export const isUtc = (zone: unknown): boolean => offsetOf(zone) === utc;

function fixed(zone: string): Offset | undefined {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (sign === undefined || hours === undefined) return undefined;
  const ahead = (Number(hours) * 60 + Number(minutes)) * MINUTE * (sign === '-' ? -1 : 1);
  return () => ahead;
}

/** By what a clock there shows. */
function named(zone: string): Offset {
  const clock = clockOf(zone);
  return (time) => {
    const shown = new Map(clock.formatToParts(time).map(({ type, value }) => [type, value]));
    const number = (type: Intl.DateTimeFormatPartTypes) => Number(shown.get(type) ?? 0);
    const date = new Date(0);
    const year = shown.get('era') === 'BC' ? 1 - number('year') : number('year');
    date.setUTCFullYear(year, number('month') - 1, number('day'));
    date.setUTCHours(number('hour'), number('minute'), number('second'));
    return date.getTime() - Math.floor(time / 1_000) * 1_000;
  };
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  try {
    const digits = { era: 'short', month: '2-digit', day: '2-digit', year: 'numeric' } as const;
    const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
    return new Intl.DateTimeFormat('en-US', { timeZone, ...digits, ...time });
  } catch {
    throw new MongoError(40485, `unrecognized time zone identifier: "${timeZone}"`);
  }
}
