import { isDocument, isTrue, numberOf, type Document } from '../bson/document.js';
import type { Parts, TopFields } from '../bson/stored.js';

/** What is read of documents. */
interface Needed {
  /** This field, as a whole. */
  add(path: string): void;
  /** What it is; of the documents in it what is added besides. */
  pass(path: string): void;
}

/** Notes what a stage reads; true: nothing behind it sees any other field of the documents that came. */
type Reader = (operand: unknown, needed: Needed) => boolean;

/** Thrown when a stage may read any field. */
const EVERYTHING = Symbol('everything');

/** Paths that are read, as the parts of documents that are wanted. */
class NeededParts implements Needed {
  readonly parts: NestedParts = new Map();

  add(path: string): void {
    const names = namesOf(path);
    const last = names.pop() ?? '';
    this.within(names)?.set(last, true);
  }

  pass(path: string): void {
    this.within(path.split('.'));
  }

  /** Undefined when something around it is wanted as a whole. */
  private within(names: string[]): NestedParts | undefined {
    let parts = this.parts;
    for (const name of names) {
      const inner = parts.get(name) ?? new Map<string, NestedParts | true>();
      if (inner === true) return undefined;
      parts.set(name, inner);
      parts = inner;
    }
    return parts;
  }
}

type NestedParts = Map<string, NestedParts | true>;

/** A number may be the place of an element: the array is wanted as a whole then. */
function namesOf(path: string): string[] {
  const names = path.split('.');
  const place = names.findIndex((name, i) => i > 0 && /^\d*$/.test(name));
  return place < 0 ? names : names.slice(0, place);
}

class TopNames implements Needed {
  readonly names = new Set<string>();

  add(path: string): void {
    this.names.add(path.split('.')[0] ?? '');
  }

  pass(path: string): void {
    this.add(path);
  }
}

/** What of its documents a pipeline looks at; undefined when that may be anything. */
export function neededParts(stages: Document[]): Parts | undefined {
  const needed = new NeededParts();
  try {
    for (const stage of stages) {
      const [name = ''] = Object.keys(stage);
      const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
      if (!read) return undefined;
      if (read(stage[name], needed)) return needed.parts;
    }
    return undefined;
  } catch (error) {
    if (error === EVERYTHING) return undefined;
    throw error;
  }
}

/** The fields at the top that an update's stage looks at or changes; undefined when that may be any. */
export function touchedFields({ $set, $addFields, $unset, ...others }: Document): TopFields {
  if (Object.keys(others).length > 0) return undefined;
  const touched = new TopNames();
  try {
    computed($set, touched);
    computed($addFields, touched);
    const removed: unknown[] = Array.isArray($unset) ? $unset : [$unset];
    pathFields(
      removed.filter((path) => typeof path === 'string'),
      touched,
    );
    return touched.names;
  } catch (error) {
    if (error === EVERYTHING) return undefined;
    throw error;
  }
}

/** What an expression refers to; names of its own fields and operators are none. */
export function expressionFields(expression: unknown, needed: Needed): void {
  if (typeof expression === 'string') {
    if (/^\$\$(ROOT|CURRENT)\b/.test(expression)) throw EVERYTHING;
    if (expression.startsWith('$') && !expression.startsWith('$$')) needed.add(expression.slice(1));
  } else if (Array.isArray(expression)) {
    for (const item of expression) expressionFields(item, needed);
  } else if (isDocument(expression)) {
    if ('$getField' in expression || '$setField' in expression || '$unsetField' in expression) throw EVERYTHING;
    for (const value of Object.values(expression)) expressionFields(value, needed);
  }
}

function filterFields(filter: unknown, needed: Needed): void {
  if (!isDocument(filter)) return;
  for (const [name, value] of Object.entries(filter)) {
    if (name === '$expr') expressionFields(value, needed);
    else if (name === '$jsonSchema') throw EVERYTHING;
    else if (!name.startsWith('$')) needed.add(name);
    else if (Array.isArray(value)) for (const item of value) filterFields(item, needed);
  }
}

function pathFields(paths: string[], needed: Needed): void {
  for (const path of paths) needed.add(path);
}

function computed(operand: unknown, needed: Needed): void {
  pathFields(isDocument(operand) ? Object.keys(operand) : [], needed);
  expressionFields(operand, needed);
}

/** What is listed is all that is left, unless it is listed to be left out. */
function project(operand: unknown, needed: Needed): boolean {
  if (!isDocument(operand)) throw EVERYTHING;
  computed(operand, needed);
  needed.add('_id');
  return Object.entries(operand).some(([name, value]) => name !== '_id' && includes(value));
}

function includes(value: unknown): boolean {
  if (typeof value === 'boolean' || numberOf(value) !== undefined) return isTrue(value);
  if (!isDocument(value)) return true;
  // Beside nothing else they leave the rest of the document as it is.
  if ('$slice' in value || '$elemMatch' in value) throw EVERYTHING;
  return Object.entries(value).some(([name, inner]) => name.startsWith('$') || includes(inner));
}

function unwind(operand: unknown, needed: Needed): boolean {
  const { path, includeArrayIndex }: Document = isDocument(operand) ? operand : { path: operand };
  if (typeof path === 'string') needed.pass(path.slice(1));
  if (typeof includeArrayIndex === 'string') needed.add(includeArrayIndex);
  return false;
}

function lookup(operand: unknown, needed: Needed): boolean {
  if (!isDocument(operand)) throw EVERYTHING;
  const { localField, as, let: variables, pipeline } = operand;
  pathFields(
    [localField, as].filter((path) => typeof path === 'string'),
    needed,
  );
  expressionFields(variables, needed);
  // Inside, `$field` is one of the other collection; that it is read here, too, does no harm.
  expressionFields(pipeline, needed);
  return false;
}

const READERS: Record<string, Reader> = {
  $match: (operand, needed) => {
    filterFields(operand, needed);
    return false;
  },
  $sort: (operand, needed) => {
    pathFields(isDocument(operand) ? Object.keys(operand) : [], needed);
    return false;
  },
  $limit: () => false,
  $skip: () => false,
  $sample: () => false,
  $unwind: unwind,
  $lookup: lookup,
  $set: (operand, needed) => {
    computed(operand, needed);
    return false;
  },
  $project: project,
  $group: (operand, needed) => {
    expressionFields(operand, needed);
    return true;
  },
  $sortByCount: (operand, needed) => {
    expressionFields(operand, needed);
    return true;
  },
  $replaceWith: (operand, needed) => {
    expressionFields(operand, needed);
    return true;
  },
  $count: () => true,
};
READERS.$addFields = READERS.$set ?? (() => false);
