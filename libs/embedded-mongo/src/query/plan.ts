import type { SortField } from '../match/sort.js';
import type { IndexSpec } from '../storage/index-spec.js';
import type { Interval } from './intervals.js';

/** A stretch of an index; `prefix` bytes are the same in all its keys. */
export interface KeyRange {
  low: Buffer;
  high: Buffer;
  prefix: number;
  /** Every field of the index is bound to one value. */
  point?: boolean;
}

export interface IndexScan {
  kind: 'index';
  index: IndexSpec;
  ranges: KeyRange[];
  reverse: boolean;
  /** The ranges are merged by what follows their prefix: `$in` with a sort behind it. */
  merged: boolean;
  /** Intervals per field. */
  intervals: Interval[][];
  /** Order of the sort that the scan yields. */
  sorted: boolean;
  /** Being in the ranges is all that the filter asks, so keys can be counted. */
  covers: boolean;
}

/** How documents are found. */
export type Access =
  | { kind: 'none' }
  | { kind: 'collection'; reverse: boolean }
  | { kind: 'id'; id: unknown }
  | IndexScan
  | { kind: 'or'; branches: IndexScan[]; sorted: boolean };

export interface QueryPlan {
  access: Access;
  /** Sort in memory, when the access does not yield the order. */
  sort: SortField[];
  /** The order asked for, also when the access yields it. */
  order: SortField[];
  /** Documents that are needed (skip and limit together), or undefined for all. */
  needed?: number;
}
