import { isDocument, type Document } from '../bson/document.js';
import { encodeKey, HIGHEST, invert, LOWEST, maxPartBytes, shorten } from '../bson/key.js';
import { MongoError } from '../errors.js';
import type { Collection } from '../storage/collection.js';
import { isMultikey, keyPattern, type IndexSpec } from '../storage/index-spec.js';
import { EVERYTHING } from './intervals.js';
import type { IndexScan } from './plan.js';
import { hintedIndex } from './planner.js';
import { sortOrder } from './sort-order.js';
import type { SortField } from '../match/sort.js';

export interface Ends {
  /** The first key that is read. */
  min: Document;
  /** The first that is not. */
  max: Document;
  hint: unknown;
  sort: SortField[];
}

/** The keys of one index from `min` on and before `max`, in the index's order; an empty one is no end. */
export function scanBetween(collection: Collection, { min, max, hint, sort }: Ends): IndexScan {
  if (hint === undefined || (isDocument(hint) && '$natural' in hint)) {
    throw new MongoError(51_173, 'When using min()/max() a hint of which index to use must be provided');
  }
  const index = hintedIndex(collection, hint);
  const low = endKey(index, min) ?? LOWEST;
  const high = endKey(index, max) ?? HIGHEST;
  if (Buffer.compare(low, high) >= 0) throw new MongoError(51_175, 'The value of min must be less than max');
  const order = isMultikey(index) && sort.length > 0 ? undefined : sortOrder(index, [], sort);
  return {
    kind: 'index',
    index,
    ranges: [{ low, high, prefix: 0 }],
    reverse: order?.reverse ?? false,
    merged: false,
    intervals: index.fields.map(() => [EVERYTHING]),
    sorted: order !== undefined,
    covers: false,
  };
}

function endKey(index: IndexSpec, end: Document): Buffer | undefined {
  const names = Object.keys(end);
  if (names.length === 0) return undefined;
  const pattern = Object.keys(keyPattern(index));
  if (names.length !== pattern.length || names.some((name, i) => name !== pattern[i])) {
    throw new MongoError(51_174, 'The index chosen is not compatible with min/max');
  }
  const maxBytes = maxPartBytes(names.length);
  const parts = index.fields.map(({ path, descending }) => {
    const part = shorten(encodeKey(end[path]), maxBytes);
    return descending ? invert(part) : part;
  });
  return Buffer.concat(parts);
}
