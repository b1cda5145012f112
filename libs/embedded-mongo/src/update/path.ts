import { getField, isDocument, setField, type Document } from '../bson/document.js';
import { badValue, Code, MongoError } from '../errors.js';
import type { Filter } from '../match/filter.js';
import { isIndex } from '../match/path.js';

export const REMOVE = Symbol('remove');
export const KEEP = Symbol('keep');

/** New value for the old one (undefined when missing), REMOVE or KEEP. */
export type Change = (old: unknown) => unknown;

/** What positional operators in an update's paths stand for. */
export interface Positions {
  /** `$`: the element that the query matched. */
  matched?: number;
  /** `$[name]`: by arrayFilters. */
  filters: Map<string, Filter>;
}

export function emptyName(path: string): MongoError {
  const text =
    path === ''
      ? 'An empty update path is not valid.'
      : `The update path '${path}' contains an empty field name, which is not allowed.`;
  return new MongoError(Code.EmptyFieldName, text);
}

/** Replaces `$`, `$[]` and `$[name]` by the indexes they stand for in this document. */
export function concretePaths(document: Document, path: string, positions: Positions): string[][] {
  const parts = path.split('.');
  if (parts.includes('')) throw emptyName(path);
  return path.includes('$') ? expand(document, parts, 0, positions) : [parts];
}

function expand(value: unknown, parts: string[], depth: number, positions: Positions): string[][] {
  if (depth === parts.length) return [[]];
  const part = parts[depth] ?? '';
  const below = (index: string, next: unknown) =>
    expand(next, parts, depth + 1, positions).map((rest) => [index, ...rest]);
  if (part === '$') {
    if (positions.matched === undefined) {
      throw badValue('The positional operator did not find the match needed from the query.');
    }
    return below(String(positions.matched), Array.isArray(value) ? value[positions.matched] : undefined);
  }
  if (part.startsWith('$[') && part.endsWith(']')) {
    const path = parts.slice(0, depth).join('.');
    if (value === undefined) throw badValue(`The path '${path}' must exist in the document to apply array updates.`);
    if (!Array.isArray(value)) throw badValue(`Cannot apply array updates to non-array element ${path}`);
    const selected = selector(part.slice(2, -1), positions);
    return value.flatMap((item, i) => (selected(item) ? below(String(i), item) : []));
  }
  if (Array.isArray(value)) return below(part, isIndex(part) ? value[Number(part)] : undefined);
  return below(part, isDocument(value) ? getField(value, part) : undefined);
}

function selector(name: string, { filters }: Positions): (item: unknown) => boolean {
  if (name === '') return () => true;
  const filter = filters.get(name);
  if (!filter) throw badValue(`No array filter found for identifier '${name}'`);
  return (item) => filter.matches({ [name]: item });
}

/** Longest array that an index in a path may create. */
const MAX_PADDING = 1_500_000;

/**
 * What happens where there is no such path: `make` makes the documents on the way, `pass` and `reach` do nothing.
 * Where a value stands in the way, `pass` does nothing either, the others refuse.
 */
export type Way = 'make' | 'pass' | 'reach';

/** Changes the value at the path in place. */
export function changeAt(document: Document, parts: string[], way: Way, change: Change): void {
  let parent: unknown = document;
  for (const [depth, part] of parts.entries()) {
    const last = depth === parts.length - 1;
    if ((!isDocument(parent) && !Array.isArray(parent)) || (Array.isArray(parent) && !isIndex(part))) {
      if (way === 'pass') return;
      throw notViable(parts, depth, parent);
    }
    const current: unknown = Array.isArray(parent) ? parent[Number(part)] : getField(parent, part);
    if (last) return assign(parent, part, current, change(current));
    if (current === undefined) {
      if (way !== 'make') return;
      const made = {};
      assign(parent, part, undefined, made);
      parent = made;
    } else {
      parent = current;
    }
  }
}

function assign(parent: unknown[] | Document, part: string, current: unknown, next: unknown): void {
  if (next === KEEP) return;
  if (!Array.isArray(parent)) {
    if (next === REMOVE) delete parent[part];
    else setField(parent, part, next);
    return;
  }
  const index = Number(part);
  if (next === REMOVE) {
    if (current !== undefined || index < parent.length) parent[index] = null;
    return;
  }
  if (index > parent.length + MAX_PADDING) throw badValue(`can't backfill more than ${MAX_PADDING} elements`);
  while (parent.length < index) parent.push(null);
  parent[index] = next;
}

function notViable(parts: string[], depth: number, parent: unknown): MongoError {
  const element = `{${parts[depth - 1] ?? ''}: ${JSON.stringify(parent)}}`;
  return new MongoError(Code.PathNotViable, `Cannot create field '${parts[depth]}' in element ${element}`);
}
