import { compareValues } from '../bson/compare.js';
import { isDocument, numberOf, type Document } from '../bson/document.js';
import { badValue, MongoError, notImplemented } from '../errors.js';
import { valueAt } from './path.js';

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

/** The order of documents: in arrays the lowest element counts ascending, the highest descending; missing is null. */
export function documentOrder(fields: SortField[]): (a: unknown, b: unknown) => number {
  return (a, b) => {
    for (const field of fields) {
      const order = compareValues(sortValue(a, field), sortValue(b, field));
      if (order !== 0) return field.descending ? -order : order;
    }
    return 0;
  };
}

function sortValue(document: unknown, { parts, descending }: SortField): unknown {
  const value = valueAt(document, parts);
  if (!Array.isArray(value)) return value ?? null;
  if (value.length === 0) return parts.length === 1 ? undefined : null;
  const best = (a: unknown, b: unknown) => (compareValues(a, b) < 0 === descending ? b : a);
  return value.reduce(best);
}
