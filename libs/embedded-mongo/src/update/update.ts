import { EJSON } from 'bson';
import { clone, isDocument, type Document } from '../bson/document.js';
import { equalValues } from '../bson/compare.js';
import { badValue, Code, failedToParse, MongoError } from '../errors.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { isIndex } from '../match/path.js';
import { typeName } from '../match/type-names.js';
import { updateOperator } from './operators.js';
import { changeAt, concretePaths, emptyName, KEEP, REMOVE, type Positions } from './path.js';
import { checkRename, refuseArrays } from './rename.js';

/** Makes the next version of a document; never changes its argument. */
export interface Update {
  /** `matched`: the array element that the query matched; `inserting`: an upsert, `$setOnInsert` counts. */
  apply(document: Document, context: { matched?: number; inserting?: boolean; now: Date }): Document;
  /** The whole document is replaced. */
  replaces: boolean;
}

export interface UpdateOptions {
  arrayFilters?: unknown[];
  variables?: Document;
}

/** Reads the stages of a pipeline update, to run them on one document after the other. */
export type PipelineCompiler = (stages: unknown[], variables: Document) => (document: Document) => Document;

/** An update of any form: operators, a replacement or a pipeline. */
export function compileUpdate(source: unknown, options: UpdateOptions, compilePipeline: PipelineCompiler): Update {
  if (Array.isArray(source)) {
    if (options.arrayFilters?.length)
      throw failedToParse('arrayFilters may not be specified for pipeline-style updates');
    // At once: a stage that is none is refused also when no document matches.
    const run = compilePipeline(source, options.variables ?? {});
    return { replaces: false, apply: (document) => withSameId(document, run(document)) };
  }
  if (!isDocument(source)) throw failedToParse('Update argument must be either an object or an array');
  const names = Object.keys(source);
  if (names[0]?.startsWith('$')) return compileOperators(source, options);
  const operator = names.find((name) => name.startsWith('$'));
  if (operator !== undefined) throw dollarPrefixed(operator, REPLACEMENT_ONLY);
  return { replaces: true, apply: (document) => replaceWith(document, source) };
}

const REPLACEMENT_ONLY =
  "allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.";

function dollarPrefixed(name: string, where: string): MongoError {
  return new MongoError(
    Code.DollarPrefixedFieldName,
    `The dollar ($) prefixed field '${name}' in '${name}' is not ${where}`,
  );
}

function replaceWith(document: Document, replacement: Document): Document {
  const id = '_id' in document ? document._id : replacement._id;
  if (id === undefined) return clone(replacement);
  return withSameId(document, { _id: id, ...clone(replacement) });
}

/** A replacement or pipeline that leaves out the `_id` keeps it. */
function withSameId(before: Document, after: Document): Document {
  if ('_id' in before && !('_id' in after)) return { _id: before._id, ...after };
  return refuseOtherId(before, after);
}

function refuseOtherId(before: Document, after: Document): Document {
  if (!('_id' in before) || ('_id' in after && equalValues(before._id, after._id))) return after;
  throw new MongoError(
    Code.ImmutableField,
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

interface Step {
  operator: string;
  path: string;
  operand: unknown;
}

/** As a whole document may have such a field, an upsert may add it; what is there may not get it. */
function refuseDollarField({ operator, path }: Step): void {
  const [first = ''] = path.split('.');
  if (first.startsWith('$') && operator !== '$unset') throw dollarPrefixed(first, REPLACEMENT_ONLY);
}

function compileOperators(source: Document, options: UpdateOptions): Update {
  const steps = Object.entries(source)
    .flatMap(([operator, fields]) => readSteps(operator, fields))
    .toSorted(inPathOrder);
  refuseConflicts(steps);
  const filters = compileArrayFilters(options.arrayFilters ?? [], steps);
  return {
    replaces: false,
    apply(document, { matched, inserting = false, now }) {
      const result = clone(document);
      const positions: Positions = matched === undefined ? { filters } : { matched, filters };
      for (const step of steps) {
        if (step.operator === '$setOnInsert' && !inserting) continue;
        if (!inserting) refuseDollarField(step);
        applyStep(result, step, positions, now);
      }
      return refuseOtherId(document, result);
    },
  };
}

function readSteps(operator: string, fields: unknown): Step[] {
  if (operator !== '$rename') updateOperator(operator);
  if (!isDocument(fields)) {
    throw failedToParse(
      `Modifiers operate on fields but we found type ${typeName(fields)} instead. ` +
        `For example: {$mod: {<field>: ...}} not {${operator}: ${EJSON.stringify(fields)}}`,
    );
  }
  return Object.entries(fields).map(([path, operand]) => {
    checkPath(path);
    if (operator === '$rename') checkRename(path, operand);
    // An operand that is none is an error also when no document matches.
    else updateOperator(operator).change(operand, path, new Date(0));
    return { operator, path, operand };
  });
}

/** Positional operators stand for array elements, so they never come first. */
function checkPath(path: string): void {
  const parts = path.split('.');
  if (parts.includes('')) throw emptyName(path);
  const [first = ''] = parts;
  if (first === '$' || first.startsWith('$[')) {
    const what = first === '$' ? "positional (i.e. '$')" : "array filter identifier (i.e. '$[<id>]')";
    throw badValue(`Cannot have ${what} element in the first position in path '${path}'`);
  }
  if (parts.filter((part) => part === '$').length > 1) {
    throw badValue(`Too many positional (i.e. '$') elements found in path '${path}'`);
  }
}

/** Whatever the operators, new fields come in the order of their names, and numbers in names by their value. */
function inPathOrder(a: Step, b: Step): number {
  const [x, y] = [a.path.split('.'), b.path.split('.')];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [left = '', right = ''] = [x[i], y[i]];
    if (left === right) continue;
    if (isIndex(left) && isIndex(right)) return Number(left) - Number(right);
    return left < right ? -1 : 1;
  }
  return x.length - y.length;
}

function applyStep(document: Document, { operator, path, operand }: Step, positions: Positions, now: Date): void {
  if (operator === '$rename') return rename(document, path, operand);
  const { change, way } = updateOperator(operator);
  for (const parts of concretePaths(document, path, positions)) {
    changeAt(document, parts, way, change(clone(operand), path, now));
  }
}

function rename(document: Document, path: string, target: unknown): void {
  if (typeof target !== 'string') return;
  let moved: unknown;
  refuseArrays(document, path, 'source');
  changeAt(document, path.split('.'), 'pass', (old) => {
    moved = old;
    return old === undefined ? KEEP : REMOVE;
  });
  if (moved === undefined) return;
  refuseArrays(document, target, 'destination');
  changeAt(document, target.split('.'), 'make', () => moved);
}

/** Two operators must not touch the same path, nor one path below the other. */
function refuseConflicts(steps: Step[]): void {
  const paths = steps.flatMap(({ operator, path, operand }) =>
    operator === '$rename' && typeof operand === 'string' ? [path, operand] : [path],
  );
  const sorted = paths.toSorted();
  const conflict =
    sorted.find((path, i) => i > 0 && (path === sorted[i - 1] || hasParent(path, sorted))) ?? besideAll(sorted);
  if (conflict === undefined) return;
  throw new MongoError(
    Code.ConflictingUpdateOperators,
    `Updating the path '${conflict}' would create a conflict at '${conflict}'`,
  );
}

function hasParent(path: string, paths: string[]): boolean {
  return paths.some((other) => path.length > other.length && path.startsWith(`${other}.`));
}

/** The array of which one path takes elements by `$[]` or `$[name]`, and another one by position. */
function besideAll(paths: string[]): string | undefined {
  if (!paths.some((path) => path.includes('$['))) return undefined;
  const parents = (path: string, all: boolean) => {
    const parts = path.split('.');
    return parts.flatMap((part, i) => (part.startsWith('$[') === all ? [parts.slice(0, i).join('.')] : []));
  };
  const byPosition = new Set(paths.flatMap((path) => parents(path, false)));
  return paths.flatMap((path) => parents(path, true)).find((parent) => byPosition.has(parent));
}

function compileArrayFilters(sources: unknown[], steps: Step[]): Map<string, Filter> {
  const grouped = new Map<string, Filter>();
  for (const source of sources) {
    if (!isDocument(source)) throw new MongoError(Code.TypeMismatch, 'array filters must be objects');
    const [name, other] = identifiersOf(source);
    if (name === undefined)
      throw failedToParse('Cannot use an expression without a top-level field name in arrayFilters');
    if (other !== undefined)
      throw failedToParse(`Expected a single top-level field name, found '${name}' and '${other}'`);
    if (grouped.has(name))
      throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
    if (!steps.some(({ path }) => path.includes(`$[${name}]`))) {
      throw failedToParse(`The array filter for identifier '${name}' was not used in the update`);
    }
    grouped.set(name, compileFilter(source));
  }
  return grouped;
}

/** The names that the condition begins its paths with; one is allowed. */
function identifiersOf(source: Document): string[] {
  const names = Object.entries(source).flatMap(([name, value]) => {
    if (!name.startsWith('$')) return [name.split('.')[0] ?? ''];
    return Array.isArray(value) ? value.filter(isDocument).flatMap(identifiersOf) : [];
  });
  return [...new Set(names)];
}
