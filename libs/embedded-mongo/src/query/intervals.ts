import { BSONRegExp } from 'bson';
import { rankOf, TypeRank } from '../bson/compare.js';
import { numberOf } from '../bson/document.js';
import {
  afterPrefix,
  encodeKey,
  HIGHEST,
  invert,
  LOWEST,
  rankBounds,
  shorten,
  shortenedPrefix as prefixOfShortened,
} from '../bson/key.js';
import { typeRanks } from '../match/type-names.js';

/** Keys of one field with low <= key < high. */
export interface Interval {
  low: Buffer;
  high: Buffer;
  /** One value only. */
  point: boolean;
  /** As explain shows it. */
  label: string;
}

/** One value. `$in` may have thousands, so where its keys end and what explain shows is made when somebody asks. */
class Point implements Interval {
  readonly point = true;

  constructor(
    readonly low: Buffer,
    private readonly value: unknown,
  ) {}

  get high(): Buffer {
    return afterPrefix(this.low);
  }

  get label(): string {
    const shown = show(this.value);
    return `[${shown}, ${shown}]`;
  }

  get inverted(): Point {
    return new Point(invert(this.low), this.value);
  }
}

/** The same keys in an index that is descending. */
export function inverted(interval: Interval): Interval {
  if (interval instanceof Point) return interval.inverted;
  const { low, high, point: isPoint, label } = interval;
  const start = isPoint ? invert(low) : afterPrefix(invert(high));
  return { low: start, high: afterPrefix(invert(low)), point: isPoint, label };
}

/** What one predicate asks of a field; `exact` when being inside is all that it asks. */
export interface Bounds {
  intervals: Interval[];
  exact: boolean;
}

export const EVERYTHING: Interval = { low: LOWEST, high: HIGHEST, point: false, label: '[MinKey, MaxKey]' };

export function isEverything({ intervals }: Bounds): boolean {
  return intervals.length === 1 && intervals[0]?.low.equals(LOWEST) === true && intervals[0].high.equals(HIGHEST);
}

/** The part of an index that can hold matches of an operator, or undefined when the operator says nothing of order. */
export function boundsOf(operator: string, operand: unknown, maxBytes: number): Bounds | undefined {
  switch (operator) {
    case '$eq':
      return equality(operand, maxBytes);
    case '$in':
      return Array.isArray(operand) ? membership(operand, maxBytes) : undefined;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return range(operator, operand, maxBytes);
    case '$exists':
      return { intervals: [EVERYTHING], exact: false };
    case '$regex':
      return equality(operand, maxBytes);
    case '$type':
      return typeBounds(operand);
    default:
      return undefined;
  }
}

/** An array lies in an index element by element, so its type says nothing of where. */
function typeBounds(operand: unknown): Bounds | undefined {
  const ranks = typeRanks(operand);
  if (ranks.includes(TypeRank.Array)) return undefined;
  return { intervals: merge(ranks.map(wholeType)), exact: false };
}

/** What is outside, for `$ne`, `$nin` and `$exists: false`. */
export function boundsOfNegation(operator: string, operand: unknown, maxBytes: number): Bounds | undefined {
  if (operator === '$exists') return { intervals: [point(null, maxBytes)], exact: false };
  if (operator !== '$eq' && operator !== '$in') return undefined;
  const inside = boundsOf(operator, operand, maxBytes);
  if (!inside || !inside.exact || !inside.intervals.every((interval) => interval.point)) {
    return operator === '$eq' && operand === null ? complement([point(null, maxBytes)]) : undefined;
  }
  return complement(inside.intervals);
}

function complement(intervals: Interval[]): Bounds {
  const result: Interval[] = [];
  let low: Buffer = LOWEST;
  let label = '[MinKey';
  for (const interval of merge(intervals)) {
    result.push({ low, high: interval.low, point: false, label: `${label}, ${text(interval.label, 'low')})` });
    low = interval.high;
    label = `(${text(interval.label, 'high')}`;
  }
  result.push({ low, high: HIGHEST, point: false, label: `${label}, MaxKey]` });
  return { intervals: result, exact: false };
}

function text(label: string, end: 'low' | 'high'): string {
  const middle = Math.floor(label.length / 2);
  return end === 'low' ? label.slice(1, middle) : label.slice(middle + 1, -1);
}

function point(value: unknown, maxBytes: number): Interval {
  return new Point(shorten(encodeKey(value), maxBytes), value);
}

function equality(value: unknown, maxBytes: number): Bounds {
  if (value instanceof BSONRegExp) return patternBounds(value, maxBytes);
  if (Array.isArray(value)) {
    const first: unknown = value[0];
    return { intervals: merge([point(value, maxBytes), point(first, maxBytes)]), exact: false };
  }
  return { intervals: [point(value, maxBytes)], exact: value !== null && value !== undefined };
}

/** Text that begins with the fixed beginning of an anchored pattern. */
function patternBounds(regExp: BSONRegExp, maxBytes: number): Bounds {
  const fixed = regExp.options === '' ? (/^\^([\w\s@/:,#%&~=;'"!<>-]*)/.exec(regExp.pattern)?.[1] ?? '') : '';
  const next = regExp.pattern[fixed.length + 1] ?? '';
  const sure = '*?{+'.includes(next) && next !== '' ? fixed.slice(0, -1) : fixed;
  const alternatives = regExp.pattern.includes('|');
  const intervals = [sure === '' || alternatives ? wholeType(TypeRank.String) : startingWith(sure, maxBytes)];
  return { intervals: merge([...intervals, point(regExp, maxBytes)]), exact: false };
}

function startingWith(prefix: string, maxBytes: number): Interval {
  const low = encodeKey(prefix)
    .subarray(0, -2)
    .subarray(0, maxBytes - 32);
  return { low, high: afterPrefix(low), point: false, label: `["${prefix}", …)` };
}

function wholeType(rank: number): Interval {
  const { low, high } = rankBounds(rank);
  return { low, high, point: false, label: `[type ${rank}]` };
}

function range(operator: '$gt' | '$gte' | '$lt' | '$lte', operand: unknown, maxBytes: number): Bounds {
  const rank = rankOf(operand);
  const orEqual = operator.endsWith('e');
  if (rank === TypeRank.Null || rank === TypeRank.Undefined) {
    return { intervals: orEqual ? [point(null, maxBytes)] : [], exact: false };
  }
  const open = rank === TypeRank.MinKey || rank === TypeRank.MaxKey;
  if (open || rank === TypeRank.Array || rank === TypeRank.Object || Number.isNaN(numberOf(operand))) {
    return { intervals: [EVERYTHING], exact: false };
  }
  const type = rankBounds(rank);
  const lowest = rank === TypeRank.Number ? encodeKey(-Infinity) : type.low;
  const key = encodeKey(operand);
  const start = prefixOfShortened(key, maxBytes);
  const exact = start.length === key.length;
  const shown = show(operand);
  const after = afterPrefix(start);
  const interval = operator.startsWith('$g')
    ? { low: orEqual || !exact ? start : after, high: type.high, label: `${orEqual ? '[' : '('}${shown}, …)` }
    : { low: lowest, high: orEqual || !exact ? after : start, label: `[…, ${shown}${orEqual ? ']' : ')'}` };
  return { intervals: [{ ...interval, point: false }], exact };
}

function membership(values: readonly unknown[], maxBytes: number): Bounds {
  // Thousands of ids are often asked for: without bounds of their own each.
  if (values.every((value) => typeof value === 'string')) {
    return { intervals: merge(values.map((value) => point(value, maxBytes))), exact: true };
  }
  const all = values.map((value) => equality(value, maxBytes));
  const exact = all.every((bounds) => bounds.exact);
  return { intervals: merge(all.flatMap(({ intervals }) => intervals)), exact };
}

/** In order and without overlaps. */
export function merge(intervals: Interval[]): Interval[] {
  if (intervals.every((interval, i) => isAfter(intervals[i - 1], interval))) return intervals;
  const result: Interval[] = [];
  for (const interval of byBeginning(intervals)) {
    const last = result.at(-1);
    if (last && overlaps(last, interval)) {
      const inside = Buffer.compare(interval.high, last.high) <= 0;
      const { low, label } = last;
      if (!inside) result[result.length - 1] = { low, high: interval.high, point: false, label };
    } else {
      result.push(interval);
    }
  }
  return result;
}

/** A point behind the one before it: ids often come in order, and then there is nothing to do. */
function isAfter(last: Interval | undefined, next: Interval): boolean {
  return !last || (last.point && next.point && Buffer.compare(last.low, next.low) < 0);
}

/** No value's key is the beginning of another's: two points are the same or apart. */
function overlaps(first: Interval, next: Interval): boolean {
  if (first.point && next.point) return first.low.equals(next.low);
  return Buffer.compare(next.low, first.high) < 0;
}

/** Bytes as text compare faster than as bytes, and in the same order. */
function byBeginning(intervals: Interval[]): Interval[] {
  const texts = intervals.map((interval) => ({ text: interval.low.toString('latin1'), interval }));
  return texts.toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)).map(({ interval }) => interval);
}

/** What lies in both. */
export function intersect(a: Bounds, b: Bounds): Bounds {
  const exact = a.exact && b.exact;
  if (isEverything(a)) return { intervals: b.intervals, exact };
  if (isEverything(b)) return { intervals: a.intervals, exact };
  const intervals = a.intervals.flatMap((x) =>
    b.intervals.flatMap((y) => {
      const low = Buffer.compare(x.low, y.low) >= 0 ? x.low : y.low;
      const high = Buffer.compare(x.high, y.high) <= 0 ? x.high : y.high;
      if (Buffer.compare(low, high) >= 0) return [];
      const label =
        x.point || y === EVERYTHING ? x.label : y.point || x === EVERYTHING ? y.label : `${x.label} ∩ ${y.label}`;
      return [{ low, high, point: x.point || y.point, label }];
    }),
  );
  return { intervals: merge(intervals), exact };
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return String(value instanceof Date ? value.toISOString() : value);
}
