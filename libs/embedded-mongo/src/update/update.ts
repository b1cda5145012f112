import { clone, getField, isDocument, type Document } from '../bson/document.js';
import { equalValues } from '../bson/compare.js';
import { badValue, Code, failedToParse, MongoError } from '../errors.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { isIndex } from '../match/path.js';
import { updateOperator } from './operators.js';
import { changeAt, concretePaths, KEEP, REMOVE, type Positions } from './path.js';

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

/** Runs the stages of a pipeline update on one document. */
export type PipelineRunner = (stages: unknown[], document: Document, variables: Document) => Document;

/** An update of any form: operators, a replacement or a pipeline. */
export function compileUpdate(source: unknown, options: UpdateOptions, runPipeline: PipelineRunner): Update {
  if (Array.isArray(source)) {
    return {
      replaces: false,
      apply: (document) => withSameId(document, runPipeline(source, document, options.variables ?? {})),
    };
  }
  if (!isDocument(source)) throw failedToParse('Update argument must be either an object or an array');
  const names = Object.keys(source);
  if (names.some((name) => name.startsWith('$'))) return compileOperators(source, options);
  return { replaces: true, apply: (document) => replaceWith(document, source) };
}

function replaceWith(document: Document, replacement: Document): Document {
  const id = '_id' in document ? document._id : replacement._id;
  if (id === undefined) return clone(replacement);
  return withSameId(document, { _id: id, ...clone(replacement) });
}

function withSameId(before: Document, after: Document): Document {
  if (!('_id' in before)) return after;
  if (!('_id' in after)) return { _id: before._id, ...after };
  if (equalValues(before._id, after._id)) return after;
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
        applyStep(result, step, positions, now);
      }
      return withSameId(document, result);
    },
  };
}

function readSteps(operator: string, fields: unknown): Step[] {
  if (operator !== '$rename') updateOperator(operator);
  if (!isDocument(fields)) {
    throw failedToParse(`Modifiers operate on fields but we found another type for modifier ${operator}`);
  }
  return Object.entries(fields).map(([path, operand]) => ({ operator, path, operand }));
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
  const { change, create } = updateOperator(operator);
  for (const parts of concretePaths(document, path, positions)) {
    changeAt(document, parts, create, change(clone(operand), path, now));
  }
}

function rename(document: Document, path: string, target: unknown): void {
  if (typeof target !== 'string') throw badValue('The "to" field for $rename must be a string');
  let moved: unknown;
  changeAt(document, path.split('.'), false, (old) => {
    moved = old;
    return old === undefined ? KEEP : REMOVE;
  });
  if (moved !== undefined) changeAt(document, target.split('.'), true, () => moved);
}

/** Two operators must not touch the same path, nor one path below the other. */
function refuseConflicts(steps: Step[]): void {
  const paths = steps.flatMap(({ operator, path, operand }) =>
    operator === '$rename' && typeof operand === 'string' ? [path, operand] : [path],
  );
  const sorted = paths.toSorted();
  const conflict = sorted.find((path, i) => i > 0 && (path === sorted[i - 1] || hasParent(path, sorted)));
  if (conflict === undefined) return;
  throw new MongoError(
    Code.ConflictingUpdateOperators,
    `Updating the path '${conflict}' would create a conflict at '${conflict}'`,
  );
}

function hasParent(path: string, paths: string[]): boolean {
  return paths.some((other) => path.length > other.length && path.startsWith(`${other}.`));
}

function compileArrayFilters(sources: unknown[], steps: Step[]): Map<string, Filter> {
  const grouped = new Map<string, Filter>();
  for (const source of sources) {
    if (!isDocument(source)) throw failedToParse('array filters must be objects');
    const name = identifierOf(source);
    if (name === undefined)
      throw failedToParse('Cannot use an expression without a top-level field name in arrayFilters');
    if (grouped.has(name))
      throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
    if (!steps.some(({ path }) => path.includes(`$[${name}]`))) {
      throw failedToParse(`The array filter for identifier '${name}' was not used in the update`);
    }
    grouped.set(name, compileFilter(source));
  }
  return grouped;
}

function identifierOf(source: Document): string | undefined {
  const [name] = Object.keys(source);
  if (name === undefined) return undefined;
  if (!name.startsWith('$')) return name.split('.')[0];
  const nested = getField(source, name);
  const first: unknown = Array.isArray(nested) ? nested[0] : undefined;
  return isDocument(first) ? identifierOf(first) : undefined;
}
