import { compareValues } from '../bson/compare.js';
import { getField, isDocument, numberOf, type Document } from '../bson/document.js';
import { badValue, MongoError, notImplemented } from '../errors.js';
import { isIndex } from './path.js';

export interface SortField {
  path: string;
  parts: string[];
  descending: boolean;
}

/** Reads `{ a: 1, b: -1 }`. */
export function parseSort(source: Document): SortField[] {
  return Object.entries(source).map(([path, direction]) => {
    if (path.startsWith('$') && !isNatural(source))
      throw new MongoError(16410, `FieldPath field names may not start with '$': ${path}`);
    if (path.split('.').includes('')) throw emptyPath(path);
    if (isDocument(direction)) throw notImplemented('sort by $meta');
    const number = numberOf(direction);
    if (number !== 1 && number !== -1) throw badValue('Illegal key in $sort specification: must be 1 or -1');
    return { path, parts: path.split('.'), descending: number < 0 };
  });
}

/** The order in which documents were stored. */
function isNatural(source: Document): boolean {
  return '$natural' in source && Object.keys(source).length === 1;
}

/** A sort or projection by a path that has no name, or a part without one. */
export function emptyPath(path: string): MongoError {
  if (path === '') return new MongoError(40352, 'FieldPath cannot be constructed with empty string');
  if (path.endsWith('.')) return new MongoError(40353, "FieldPath must not end with a '.'.");
  return new MongoError(15998, 'FieldPath field names may not be empty strings.');
}

type Order = (a: unknown, b: unknown) => number;

/**
 * The order of documents: of the values that an index on the path would hold, the lowest counts ascending, the highest
 * descending; what is missing is null.
 */
export function documentOrder(fields: SortField[]): Order {
  return orderBy(fields, sortValue);
}

/** The order of elements ($push with $sort, $sortArray): an array counts as a whole, and a path does not run through it. */
export function elementOrder(fields: SortField[]): Order {
  return orderBy(fields, elementValue);
}

function orderBy(fields: SortField[], valueOf: (document: unknown, field: SortField) => unknown): Order {
  return (a, b) => {
    for (const field of fields) {
      const order = compareValues(valueOf(a, field), valueOf(b, field));
      if (order !== 0) return field.descending ? -order : order;
    }
    return 0;
  };
}

function sortValue(document: unknown, { parts, descending }: SortField): unknown {
  let value = document;
  let depth = 0;
  for (; depth < parts.length && !Array.isArray(value); depth++) {
    if (!isDocument(value)) return null;
    value = getField(value, parts[depth] ?? '');
  }
  if (!Array.isArray(value)) return value ?? null;
  return [...keysAt(value, parts, depth)].reduce((a, b) => (compareValues(a, b) < 0 === descending ? b : a));
}

/** Each element's value; null where the path ends before its time, undefined (below null) for an empty array at its end. */
function* keysAt(value: unknown, parts: readonly string[], depth: number): Generator<unknown> {
  const part = parts[depth];
  if (part === undefined) {
    if (!Array.isArray(value)) yield value ?? null;
    else if (value.length === 0) yield undefined;
    else yield* value as unknown[];
  } else if (isDocument(value)) {
    yield* keysAt(getField(value, part), parts, depth + 1);
  } else if (!Array.isArray(value) || value.length === 0) {
    yield null;
  } else if (isIndex(part) && Number(part) < value.length) {
    yield* keysAt(value[Number(part)], parts, depth + 1);
  } else {
    for (const item of value) yield* isDocument(item) ? keysAt(item, parts, depth) : [null];
  }
}

function elementValue(element: unknown, { parts }: SortField): unknown {
  let value = element;
  for (const part of parts) {
    if (Array.isArray(value)) value = isIndex(part) ? value[Number(part)] : undefined;
    else value = isDocument(value) ? getField(value, part) : undefined;
  }
  return value ?? null;
}
