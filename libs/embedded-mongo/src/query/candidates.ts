import { afterPrefix, maxPartBytes } from '../bson/key.js';
import type { SortField } from '../match/sort.js';
import { isMultikey, type IndexSpec } from '../storage/index-spec.js';
import { existsGiven, implies, isNullBelowArray } from './implication.js';
import {
  boundsOf,
  boundsOfNegation,
  EVERYTHING,
  intersect,
  inverted,
  isEverything,
  merge,
  type Bounds,
  type Interval,
} from './intervals.js';
import type { IndexScan, KeyRange } from './plan.js';
import type { Conjunction, Predicate } from './predicates.js';
import { sortOrder } from './sort-order.js';

/** An index that can answer a query, and how well. */
export interface Candidate {
  scan: IndexScan;
  /** Leading fields bound to single values. */
  equalities: number;
  /** Some field is bound at all. */
  bound: boolean;
  /** The filter asks nothing beyond the bounds. */
  complete: boolean;
}

/** Most combinations of values (`$in`) that are scanned one by one. */
const MAX_RANGES = 1_000;

interface FieldBounds extends Bounds {
  used: Predicate[];
}

/** How this index answers the query, or undefined when it must not (partial, sparse) or cannot. */
export function candidate(index: IndexSpec, query: Conjunction, sort: SortField[]): Candidate | undefined {
  if (index.idle || !begins(index, query.predicates, sort) || !isUsable(index, query.predicates)) return undefined;
  const fields = fieldBounds(index, query.predicates);
  const points = leadingPoints(fields);
  const order = sortOrder(index, fields.slice(0, points), sort);
  const bound = fields[0] !== undefined && !isEverything(fields[0]);
  if (!bound && (sort.length === 0 || order === undefined)) return undefined;
  const ranges = keyRanges(index, fields, points, order?.merged === true ? order.prefixFields : undefined);
  const used = new Set(fields.slice(0, points + 1).flatMap((field) => (field.exact ? field.used : [])));
  const complete = query.complete && query.predicates.every((predicate) => used.has(predicate));
  const intervals = fields.map((field) => field.intervals);
  const reverse = order?.reverse ?? false;
  const covers = complete && !isMultikey(index);
  const sorted = order !== undefined;
  return {
    scan: { kind: 'index', index, ranges, reverse, merged: order?.merged ?? false, intervals, sorted, covers },
    equalities: points,
    bound,
    complete,
  };
}

/** An index is of no use when neither a condition nor the sort is on its first field. */
function begins({ fields: [first] }: IndexSpec, predicates: Predicate[], [order]: SortField[]): boolean {
  return order?.path === first?.path || predicates.some(({ path }) => path === first?.path);
}

/** A partial index when the query implies its filter; a sparse one when the query asks for one of its fields. */
function isUsable(index: IndexSpec, predicates: Predicate[]): boolean {
  if (index.partial && !implies(predicates, index.partial.filter.root)) return false;
  if (!index.sparse) return true;
  return index.fields.some(({ path }) => predicates.some((given) => given.path === path && existsGiven(given)));
}

function fieldBounds(index: IndexSpec, predicates: Predicate[]): FieldBounds[] {
  const maxBytes = maxPartBytes(index.fields.length);
  const result: FieldBounds[] = [];
  index.fields.forEach(({ path }, i) => {
    const own = predicates.filter((predicate) => predicate.path === path && isCompatible(index, i, predicate, result));
    const bounds = own.flatMap((predicate) => {
      // A sparse index has no keys of elements without the field.
      if (index.sparse && !existsGiven(predicate)) return [];
      const found = boundsOfPredicate(predicate, maxBytes);
      return found ? [{ ...found, used: [predicate] }] : [];
    });
    result.push(combine(bounds, (index.multikey[i] ?? []).length > 0));
  });
  return result;
}

function boundsOfPredicate(predicate: Predicate, maxBytes: number): Bounds | undefined {
  if (isNullBelowArray(predicate)) return undefined;
  const { operator, operand, negated } = predicate;
  return negated ? boundsOfNegation(operator, operand, maxBytes) : boundsOf(operator, operand, maxBytes);
}

/**
 * Two fields below the same array may only be bound together when one `$elemMatch` asks for both: otherwise different
 * elements may meet the two conditions, and no single key holds both values.
 */
function isCompatible(index: IndexSpec, i: number, predicate: Predicate, earlier: FieldBounds[]): boolean {
  const own = index.fields[i]?.parts ?? [];
  return earlier.every(({ used }, j) => {
    const other = index.fields[j]?.parts ?? [];
    const shared = (index.multikey[i] ?? []).filter(
      (depth) =>
        index.multikey[j]?.includes(depth) && own.slice(0, depth + 1).join('.') === other.slice(0, depth + 1).join('.'),
    );
    if (shared.length === 0 || used.length === 0) return true;
    const array = own.slice(0, Math.max(...shared) + 1).join('.');
    return used.every(({ scope }) => scope && scope.id === predicate.scope?.id && scope.path === array);
  });
}

/** Conditions on a plain field narrow each other; on an array different elements may meet them, so the best one counts. */
function combine(bounds: FieldBounds[], isArray: boolean): FieldBounds {
  const everything: FieldBounds = { intervals: [EVERYTHING], exact: true, used: [] };
  const join = (a: FieldBounds, b: FieldBounds): FieldBounds => ({ ...intersect(a, b), used: [...a.used, ...b.used] });
  if (!isArray) return bounds.reduce(join, everything);
  const groups = new Map<object, FieldBounds>();
  for (const bound of bounds) {
    const id = bound.used[0]?.scope?.id ?? bound;
    const group = groups.get(id);
    groups.set(id, group ? join(group, bound) : bound);
  }
  const [best] = [...groups.values()].toSorted((a, b) => weight(a) - weight(b));
  return best ?? everything;
}

function weight({ intervals }: Bounds): number {
  return intervals.every(({ point }) => point)
    ? intervals.length
    : 1_000_000 + intervals.filter((x) => x === EVERYTHING).length;
}

/** How many leading fields are bound to single values. */
function leadingPoints(fields: FieldBounds[]): number {
  let combinations = 1;
  const end = fields.findIndex(({ intervals }) => {
    combinations *= intervals.length;
    return !intervals.every(({ point }) => point) || combinations > MAX_RANGES;
  });
  return end < 0 ? fields.length : end;
}

function keyRanges(
  index: IndexSpec,
  fields: FieldBounds[],
  points: number,
  mergedPrefix: number | undefined,
): KeyRange[] {
  const isWhole = points === fields.length;
  let heads = [new Beginning(Buffer.alloc(0), 0, isWhole)];
  fields.slice(0, points).forEach((field, i) => {
    heads = heads.flatMap((head) =>
      inDirection(index, i, field.intervals).map(({ low }) => {
        const bytes = joined(head.low, low);
        const prefix = mergedPrefix === undefined || i < mergedPrefix ? bytes.length : head.prefix;
        return new Beginning(bytes, prefix, isWhole);
      }),
    );
  });
  const tail = fields[points];
  const intervals = tail ? inDirection(index, points, tail.intervals) : [];
  if (!tail || isEverything(tail)) return heads;
  const isLast = points + 1 === fields.length;
  return heads.flatMap(({ low: head, prefix }) =>
    intervals.map((interval) => {
      const low = joined(head, interval.low);
      return interval.point ? new Beginning(low, prefix, isLast) : { low, high: joined(head, interval.high), prefix };
    }),
  );
}

/** All keys that begin so. */
class Beginning implements KeyRange {
  constructor(
    readonly low: Buffer,
    readonly prefix: number,
    readonly point: boolean,
  ) {}

  get high(): Buffer {
    return afterPrefix(this.low);
  }
}

const joined = (a: Buffer, b: Buffer): Buffer => (a.length === 0 ? b : Buffer.concat([a, b]));

/** Intervals as they lie in the index, in its order. */
function inDirection(index: IndexSpec, field: number, intervals: Interval[]): Interval[] {
  if (!index.fields[field]?.descending) return intervals;
  return merge(intervals.map(inverted));
}
