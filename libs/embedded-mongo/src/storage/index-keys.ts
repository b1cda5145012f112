import { equalValues } from '../bson/compare.js';
import { getField, isDocument, type Document } from '../bson/document.js';
import { encodeKey, invert, maxPartBytes, shorten } from '../bson/key.js';
import type { TopFields } from '../bson/stored.js';
import { Code, MongoError } from '../errors.js';
import { isIdIndex, type IndexSpec } from './index-spec.js';
import { PREFIX_BYTES, RECORD_BYTES, writeRecord } from './range.js';

/** The keys of one document in one index, by their bytes as text; `arrays[i]`: depths at which field i met arrays. */
export interface DocumentKeys {
  keys: Map<string, Buffer>;
  arrays: Set<number>[];
}

const MISSING = Symbol('missing');
type Walker = { node: unknown; depth: number; inArray: boolean };

/**
 * A document has one key per combination of its fields' values; a field that runs through an array has one per
 * element, and fields below the same array belong together element by element.
 */
export function keysOf(index: IndexSpec, document: Document): DocumentKeys {
  if (isIdIndex(index)) return { keys: new Map([['', keyOfId(document)]]), arrays: [] };
  const result: DocumentKeys = { keys: new Map(), arrays: index.fields.map(() => new Set()) };
  if (index.idle || (index.partial && !index.partial.filter.matches(document))) return result;
  expand(
    index,
    index.fields.map(() => ({ node: document, depth: 0, inArray: false })),
    result,
  );
  return result;
}

/** Every document has one, and it is never an array: no need to look for more. */
export function keyOfId(document: Document): Buffer {
  return shorten(encodeKey(getField(document, '_id')), maxPartBytes(1));
}

function expand(index: IndexSpec, walkers: Walker[], result: DocumentKeys): void {
  const walked = walkers.map((walker, i) => walk(walker, index.fields[i]?.parts ?? []));
  if (!walked.some(({ node }) => Array.isArray(node))) return addKey(index, walked, result);
  const arrays = new Set(walked.map(({ node }) => node).filter((node): node is unknown[] => Array.isArray(node)));
  const open = walked.map(({ node, inArray }) => Array.isArray(node) && !inArray);
  const [array] = [...arrays].filter((candidate) => walked.some(({ node }, i) => node === candidate && open[i]));
  if (array === undefined) return addKey(index, walked, result);
  if (walked.some(({ node }, i) => open[i] && node !== array)) throw parallelArrays(index);
  walked.forEach(({ depth }, i) => open[i] && result.arrays[i]?.add(depth - 1));
  if (index.hashed) {
    const text = 'hashed indexes do not currently support array values';
    throw new MongoError(16766, `${text}. Found array at path: ${index.fields[0]?.path}`);
  }
  const elements = array.length === 0 ? [undefined] : array;
  for (const element of elements) {
    const next = walked.map((walker, i) =>
      open[i] ? enter(walker, element, index.fields[i]?.parts.length ?? 0) : walker,
    );
    expand(index, next, result);
  }
}

/** Steps into one element; at the path's end the element is the value, also when it is an array itself. */
function enter({ depth }: Walker, element: unknown, length: number): Walker {
  if (depth === length) return { node: element, depth, inArray: true };
  return { node: isDocument(element) ? element : MISSING, depth, inArray: false };
}

/** Follows the path until it ends, or stops at an array. */
function walk({ node, depth, inArray }: Walker, parts: string[]): Walker {
  let value = node;
  let i = depth;
  while (i < parts.length) {
    const part = parts[i] ?? '';
    if (Array.isArray(value)) {
      if (!/^\d+$/.test(part) || inArray) break;
      value = Number(part) < value.length ? value[Number(part)] : MISSING;
    } else if (isDocument(value)) {
      value = Object.hasOwn(value, part) ? getField(value, part) : MISSING;
    } else {
      value = MISSING;
    }
    i++;
    if (value === MISSING) return { node: MISSING, depth: parts.length, inArray: false };
  }
  return { node: value, depth: i, inArray: inArray && i === depth };
}

function addKey(index: IndexSpec, walkers: Walker[], { keys }: DocumentKeys): void {
  if (index.sparse && walkers.every(({ node }) => node === MISSING)) return;
  const maxBytes = maxPartBytes(index.fields.length);
  const parts = walkers.map(({ node }, i) => {
    const part = shorten(encodeKey(node === MISSING ? null : node), maxBytes);
    return index.fields[i]?.descending ? invert(part) : part;
  });
  const key = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  keys.set(key.toString('latin1'), key);
}

function parallelArrays(index: IndexSpec): MongoError {
  const fields = index.fields.map(({ path }) => `[${path}]`).join(' ');
  return new MongoError(Code.CannotIndexParallelArrays, `cannot index parallel arrays ${fields}`);
}

/** Whether a change can give a document other keys: it cannot when the fields at their paths' beginning are equal. */
export function mayMove({ fields, partial }: IndexSpec, before: Document, after: Document): boolean {
  if (partial) return true;
  return fields.some(({ parts: [first = ''] }) => !equalValues(getField(before, first), getField(after, first)));
}

/** The fields at the top that keys are made of; undefined when that may be any. */
export function keyFields(indexes: IndexSpec[]): TopFields {
  const fields = new Set<string>();
  for (const { fields: own, partial } of indexes) {
    if (partial && !partial.filter.fields) return undefined;
    own.forEach(({ parts: [first = ''] }) => fields.add(first));
    partial?.filter.fields?.forEach((field) => fields.add(field));
  }
  return fields;
}

/** Keys of `_id` stand alone, so that one look finds the record; all others end in the record's number. */
export function entryKey(index: IndexSpec, key: Buffer, record: number): Buffer {
  const end = PREFIX_BYTES + key.length;
  const isId = isIdIndex(index);
  const entry = Buffer.allocUnsafe(isId ? end : end + RECORD_BYTES);
  entry.writeUInt32BE(index.id);
  entry.set(key, PREFIX_BYTES);
  if (!isId) writeRecord(entry, record, end);
  return entry;
}
