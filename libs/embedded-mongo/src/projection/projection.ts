import { getField, isDocument, isTrue, numberOf, REFERENCE_FIELDS, setField, type Document } from '../bson/document.js';
import { badValue, MongoError } from '../errors.js';
import { checkProjected } from '../expression/check.js';
import { evaluate, evaluatePlain } from '../expression/evaluate.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { valueAt } from '../match/path.js';
import { emptyPath } from '../match/sort.js';
import { flatten, withComputed, withPath } from './set-path.js';

/** Applies a projection to one document; never changes its argument. */
export type Projection = (document: Document) => Document;

interface Plan {
  fields: Tree;
  inclusive: boolean;
  keepId: boolean;
  computed: { parts: string[]; expression: unknown }[];
  /** `$elemMatch` and `a.$`. */
  elements: Elements[];
  /** `$slice`: beside included fields it includes its own, too, at its place in the document. */
  sliced: { parts: string[]; path: string; slice: unknown }[];
}

/** The one element of an array that is shown. */
interface Elements {
  kind: 'matched' | 'positional';
  parts: string[];
  pick: (array: unknown[], document: Document) => unknown;
}

type Tree = Map<string, Tree | true>;

/** `variables` are the command's `let`; `filter` is the query that a positional projection (`a.$`) refers to. */
export function compileProjection(source: Document, variables: Document = {}, filter?: Filter): Projection {
  return compile(source, (expression, document) => evaluate(expression, document, variables), filter);
}

/** As a stage: on documents with plain numbers. */
export function compileStageProjection(source: Document, variables: Document): Projection {
  return compile(source, (expression, document) => evaluatePlain(expression, document, variables));
}

type Evaluate = (expression: unknown, document: Document) => unknown;

function compile(source: Document, compute: Evaluate, filter?: Filter): Projection {
  const plan = read(source, filter);
  return (document) => {
    let result = plan.inclusive ? include(document, plan.fields) : exclude(document, plan.fields);
    if (plan.inclusive && plan.keepId && '_id' in document) result = { _id: document._id, ...result };
    if (!plan.keepId) delete result._id;
    for (const { parts, expression } of plan.computed) {
      result = withComputed(result, parts, compute(expression, document)) as Document;
    }
    for (const { kind, parts, pick } of plan.elements) {
      const array = valueAt(document, parts);
      if (Array.isArray(array)) result = withPath(result, parts, pick(array, document)) as Document;
      else if (kind === 'matched') result = withPath(result, parts, undefined) as Document;
    }
    for (const { parts, slice } of plan.sliced) result = sliceAt(result, parts, slice) as Document;
    return result;
  };
}

function read(source: Document, filter: Filter | undefined): Plan {
  const plan: Plan = { fields: new Map(), inclusive: false, keepId: true, computed: [], elements: [], sliced: [] };
  let mode: 'inclusion' | 'exclusion' | undefined;
  for (const [path, value] of flatten(source)) {
    checkPosition(plan, path, value);
    const step = readField(plan, path, value, filter);
    checkFieldName(path);
    if (step === undefined) continue;
    if (mode !== undefined && mode !== step) throw mixed(step, path, mode);
    mode = step;
  }
  const idAlone = isTrue(source._id) && plan.sliced.length === 0;
  plan.inclusive = mode === 'inclusion' || (mode === undefined && (idAlone || plan.elements.length > 0));
  if (plan.inclusive) for (const { parts, path } of plan.sliced) add(plan.fields, parts, path);
  return plan;
}

function readField(plan: Plan, path: string, value: unknown, filter?: Filter): 'inclusion' | 'exclusion' | undefined {
  const parts = path.split('.');
  const flag = typeof value === 'boolean' ? Number(value) : numberOf(value);
  if (path.endsWith('.$') && flag === 1) return positional(plan, parts.slice(0, -1), filter);
  if (path === '_id' && flag !== undefined) {
    plan.keepId = flag !== 0;
    return undefined;
  }
  if (flag !== undefined) {
    add(plan.fields, parts, path);
    return flag === 0 ? 'exclusion' : 'inclusion';
  }
  if (isDocument(value) && '$slice' in value && isSlice(value.$slice)) {
    plan.sliced.push({ parts, path, slice: value.$slice });
    return undefined;
  }
  if (isDocument(value) && Object.keys(value).length === 0) {
    throw new MongoError(51270, `An empty sub-projection is not a valid value. Found empty object at path ${path}`);
  }
  if (isDocument(value) && '$elemMatch' in value) return elementMatch(plan, parts, value.$elemMatch);
  checkProjected(value);
  plan.computed.push({ parts, expression: value });
  return 'inclusion';
}

/** `a.$` stands at the end of one path, and includes. */
function checkPosition(plan: Plan, path: string, value: unknown): void {
  const at = path.split('.').indexOf('$');
  if (at <= 0) return;
  if (at < path.split('.').length - 1) {
    throw new MongoError(
      31394,
      `As of 4.4, it's illegal to specify positional operator in the middle of a path: ${path}`,
    );
  }
  if (isDocument(value)) throw new MongoError(31271, 'positional projection cannot be used with an expression');
  if (!isTrue(value)) throw new MongoError(31395, 'positional projection cannot be used with exclusion');
  if (plan.elements.some(({ kind }) => kind === 'positional')) {
    throw new MongoError(31276, 'Cannot specify more than one positional projection per query.');
  }
}

function checkFieldName(path: string): void {
  const parts = path.split('.');
  if (parts.includes('')) throw emptyPath(path);
  if (parts.some((part, i) => part.startsWith('$') && (part !== '$' || i === 0) && !REFERENCE_FIELDS.has(part))) {
    throw new MongoError(16410, "FieldPath field names may not start with '$'. Consider using $getField or $setField.");
  }
}

function mixed(step: string, path: string, mode: string): MongoError {
  const code = step === 'inclusion' ? 31253 : 31254;
  return new MongoError(code, `Cannot do ${step} on field ${path} in ${mode} projection`);
}

function add(tree: Tree, parts: string[], path: string): void {
  const [name = '', ...rest] = parts;
  const existing = tree.get(name);
  if (existing === true || (existing && rest.length === 0)) throw new MongoError(31249, `Path collision at ${path}`);
  if (rest.length === 0) return void tree.set(name, true);
  const child: Tree = existing ?? new Map();
  tree.set(name, child);
  add(child, rest, path);
}

function include(document: Document, tree: Tree): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) {
    const node = tree.get(key);
    if (node === undefined) continue;
    const value = node === true ? getField(document, key) : includeBelow(getField(document, key), node);
    if (value !== undefined) setField(result, key, value);
  }
  return result;
}

function includeBelow(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item) => includeBelow(item, tree)).filter((item) => item !== undefined);
  return isDocument(value) ? include(value, tree) : undefined;
}

function exclude(document: Document, tree: Tree): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) {
    const node = tree.get(key);
    if (node === true) continue;
    const value = getField(document, key);
    setField(result, key, node === undefined ? value : excludeBelow(value, node));
  }
  return result;
}

function excludeBelow(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item) => excludeBelow(item, tree));
  return isDocument(value) ? exclude(value, tree) : value;
}

function positional(plan: Plan, parts: string[], filter: Filter | undefined): 'inclusion' {
  add(plan.fields, parts, parts.join('.'));
  plan.elements.push({
    kind: 'positional',
    parts,
    pick: (array, document) => {
      const position = filter?.position(document);
      if (position === undefined)
        throw new MongoError(51246, "Executor error: positional operator '.$' found no match");
      return array.slice(position, position + 1);
    },
  });
  return 'inclusion';
}

/** Beside excluded fields it stays among the others, alone it is all that is shown. */
function elementMatch(plan: Plan, parts: string[], condition: unknown): undefined {
  if (!isDocument(condition)) throw badValue('elemMatch: Invalid argument, object required');
  const filter = compileFilter({ items: { $elemMatch: condition } });
  plan.elements.push({
    kind: 'matched',
    parts,
    pick: (array) => {
      const position = filter.position({ items: array });
      return position === undefined ? undefined : [array[position]];
    },
  });
}

/** Find's `$slice` takes numbers; the aggregation's takes expressions and an array. */
function isSlice(value: unknown): boolean {
  return numberOf(value) !== undefined || (Array.isArray(value) && value.every((item) => numberOf(item) !== undefined));
}

/** A copy with the arrays at the path cut; those below an array are cut each. */
function sliceAt(value: unknown, parts: readonly string[], slice: unknown, depth = 0): unknown {
  if (depth === parts.length) return Array.isArray(value) ? sliceOf(value, slice) : value;
  if (Array.isArray(value)) return value.map((item) => sliceAt(item, parts, slice, depth));
  const part = parts[depth] ?? '';
  if (!isDocument(value) || !Object.hasOwn(value, part)) return value;
  const result = { ...value };
  setField(result, part, sliceAt(getField(value, part), parts, slice, depth + 1));
  return result;
}

function sliceOf(array: unknown[], slice: unknown): unknown[] {
  if (!Array.isArray(slice)) {
    const count = numberOf(slice) ?? 0;
    return count < 0 ? array.slice(count) : array.slice(0, count);
  }
  const [skip = 0, limit = 0] = slice.map((item) => numberOf(item) ?? 0);
  const start = skip < 0 ? Math.max(0, array.length + skip) : skip;
  return array.slice(start, start + limit);
}
