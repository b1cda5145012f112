import { isDocument, isTrue, numberOf, type Document } from '../bson/document.js';
import type { TopFields } from '../bson/stored.js';

/** Notes what a stage reads; true: nothing behind it sees any other field of the documents that came. */
type Reader = (operand: unknown, needed: Set<string>) => boolean;

/** Thrown when a stage may read any field. */
const EVERYTHING = Symbol('everything');

/** The fields at the top of its documents that a pipeline looks at; undefined when that may be any. */
export function neededFields(stages: Document[]): TopFields {
  const needed = new Set<string>();
  try {
    for (const stage of stages) {
      const [name = ''] = Object.keys(stage);
      const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
      if (!read) return undefined;
      if (read(stage[name], needed)) return needed;
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
  const touched = new Set<string>();
  try {
    computed($set, touched);
    computed($addFields, touched);
    const removed: unknown[] = Array.isArray($unset) ? $unset : [$unset];
    pathFields(
      removed.filter((path) => typeof path === 'string'),
      touched,
    );
    return touched;
  } catch (error) {
    if (error === EVERYTHING) return undefined;
    throw error;
  }
}

const topOf = (path: string): string => path.split('.')[0] ?? '';

/** What an expression refers to; names of its own fields and operators are none. */
export function expressionFields(expression: unknown, needed: Set<string>): void {
  if (typeof expression === 'string') {
    if (/^\$\$(ROOT|CURRENT)\b/.test(expression)) throw EVERYTHING;
    if (expression.startsWith('$') && !expression.startsWith('$$')) needed.add(topOf(expression.slice(1)));
  } else if (Array.isArray(expression)) {
    for (const item of expression) expressionFields(item, needed);
  } else if (isDocument(expression)) {
    if ('$getField' in expression || '$setField' in expression || '$unsetField' in expression) throw EVERYTHING;
    for (const value of Object.values(expression)) expressionFields(value, needed);
  }
}

function filterFields(filter: unknown, needed: Set<string>): void {
  if (!isDocument(filter)) return;
  for (const [name, value] of Object.entries(filter)) {
    if (name === '$expr') expressionFields(value, needed);
    else if (name === '$jsonSchema') throw EVERYTHING;
    else if (!name.startsWith('$')) needed.add(topOf(name));
    else if (Array.isArray(value)) for (const item of value) filterFields(item, needed);
  }
}

function pathFields(paths: string[], needed: Set<string>): void {
  for (const path of paths) needed.add(topOf(path));
}

function computed(operand: unknown, needed: Set<string>): void {
  pathFields(isDocument(operand) ? Object.keys(operand) : [], needed);
  expressionFields(operand, needed);
}

/** What is listed is all that is left, unless it is listed to be left out. */
function project(operand: unknown, needed: Set<string>): boolean {
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

function unwind(operand: unknown, needed: Set<string>): boolean {
  const { path, includeArrayIndex }: Document = isDocument(operand) ? operand : { path: operand };
  expressionFields(path, needed);
  if (typeof includeArrayIndex === 'string') needed.add(topOf(includeArrayIndex));
  return false;
}

function lookup(operand: unknown, needed: Set<string>): boolean {
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
