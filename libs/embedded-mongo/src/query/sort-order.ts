import type { SortField } from '../match/sort.js';
import type { IndexSpec } from '../storage/index-spec.js';
import type { Bounds } from './intervals.js';

export interface ScanOrder {
  reverse: boolean;
  /** The ranges of the fields before the sort's have to be merged. */
  merged: boolean;
  /** How many leading fields lie before the sort's. */
  prefixFields: number;
}

/**
 * How a scan yields the sort's order, if it does: fields bound to one value do not matter, fields bound to several can
 * be merged when they come before the sort's. An array has several places in an index, so it yields no order.
 */
export function sortOrder(index: IndexSpec, points: Bounds[], sort: SortField[]): ScanOrder | undefined {
  if (sort.length === 0) return { reverse: false, merged: false, prefixFields: 0 };
  const isSingle = (field: number) => points[field]?.intervals.length === 1;
  const plain = follow(index, sort, isSingle, isSingle);
  if (plain !== undefined) return { reverse: plain.reverse, merged: false, prefixFields: 0 };
  const merged = follow(index, sort, isSingle, (field) => field < points.length);
  return merged && { reverse: merged.reverse, merged: true, prefixFields: merged.first };
}

/** Walks the index along the sort; `isPassed` fields may lie between. */
function follow(
  index: IndexSpec,
  sort: SortField[],
  isSingle: (field: number) => boolean,
  isPassed: (field: number) => boolean,
): { reverse: boolean; first: number } | undefined {
  let next = 0;
  let reverse: boolean | undefined;
  let first: number | undefined;
  for (const { path, descending } of sort) {
    if (index.fields.some((field, i) => field.path === path && isSingle(i))) continue;
    while (next < index.fields.length && isPassed(next) && index.fields[next]?.path !== path) next++;
    const field = index.fields[next];
    if (field?.path !== path || (index.multikey[next] ?? []).length > 0) return undefined;
    const backwards = field.descending !== descending;
    if (reverse !== undefined && reverse !== backwards) return undefined;
    reverse = backwards;
    first ??= next;
    next++;
  }
  return { reverse: reverse ?? false, first: first ?? 0 };
}
