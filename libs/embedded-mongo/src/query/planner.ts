import type { Filter } from '../match/filter.js';
import type { Node } from '../match/node.js';
import type { SortField } from '../match/sort.js';
import type { Collection } from '../storage/collection.js';
import { keyPattern, type IndexSpec } from '../storage/index-spec.js';
import { isDocument, type Document } from '../bson/document.js';
import { equalValues } from '../bson/compare.js';
import { badValue } from '../errors.js';
import { candidate, type Candidate } from './candidates.js';
import { EVERYTHING } from './intervals.js';
import type { Access, IndexScan, QueryPlan } from './plan.js';
import { conjunctionOf, type Conjunction } from './predicates.js';

export interface PlanRequest {
  filter: Filter;
  sort: SortField[];
  /** Documents that are needed (skip and limit together), or undefined for all. */
  needed?: number;
  /** An index's name or key pattern, or `{ $natural: 1 }`. */
  hint?: unknown;
}

/** Keys counted per index before it is taken to be large. */
const PROBE = 200;
const PROBED_RANGES = 16;

/** Picks how to find the documents. An index wins over a scan whenever one can be used. */
export function planQuery(collection: Collection | undefined, request: PlanRequest): QueryPlan {
  const { filter, sort, hint } = request;
  if (!collection) return { access: { kind: 'none' }, sort: [], order: sort };
  const query = conjunctionOf(filter.root);
  const natural = naturalOrder(sort, hint);
  if (natural !== undefined)
    return finish({ kind: 'collection', reverse: natural }, request, sort[0]?.path === '$natural');
  if (hint === undefined) {
    const id = idLookup(query);
    if (id !== undefined) return { access: { kind: 'id', id: id.value }, sort: [], order: sort };
  }
  const best = bestIndex(collection, query, request, hint);
  const either =
    best === undefined || best.equalities === 0 || sort.length > 0 ? unionOf(collection, query, request) : undefined;
  if (either && (!best || unionIsBetter(either, best)))
    return finish(either, request, either.kind === 'or' && either.sorted);
  if (best) return finish(best.scan, request, best.scan.sorted);
  if (hint !== undefined) return finish(hintedScan(collection, hint), request, false);
  return finish({ kind: 'collection', reverse: false }, request, false);
}

function finish(access: Access, { sort, needed }: PlanRequest, sorted: boolean): QueryPlan {
  return { access, sort: sorted ? [] : sort, order: sort, ...(needed !== undefined && { needed }) };
}

function naturalOrder(sort: SortField[], hint: unknown): boolean | undefined {
  const [first] = sort;
  if (first?.path === '$natural') return first.descending;
  return isDocument(hint) && '$natural' in hint ? String(hint.$natural) === '-1' : undefined;
}

/** An equality on `_id` needs no plan: at most one document. */
function idLookup({ predicates }: Conjunction): { value: unknown } | undefined {
  const found = predicates.find(
    ({ path, operator, operand, negated, scope }) =>
      path === '_id' && operator === '$eq' && !negated && !scope && !Array.isArray(operand),
  );
  return found && { value: found.operand };
}

function bestIndex(
  collection: Collection,
  query: Conjunction,
  request: PlanRequest,
  hint?: unknown,
): Candidate | undefined {
  const { sort } = request;
  const allowed = hint === undefined ? collection.indexes : [hintedIndex(collection, hint)];
  const candidates = allowed.flatMap((index) => candidate(index, query, sort) ?? []);
  const [only] = candidates;
  if (candidates.length <= 1) return only;
  const costs = new Map(candidates.map((each) => [each, cost(collection, each, request)]));
  const rank = (a: Candidate, b: Candidate) =>
    (costs.get(a) ?? 0) - (costs.get(b) ?? 0) ||
    Number(b.bound) - Number(a.bound) ||
    Number(b.scan.sorted) - Number(a.scan.sorted) ||
    b.equalities - a.equalities;
  return candidates.toSorted(rank)[0];
}

/** Keys to read, counted in the index up to a limit, and twice as much when they must be sorted. */
function cost(collection: Collection, { scan, complete }: Candidate, { sort, needed }: PlanRequest): number {
  const keys = scan.ranges
    .slice(0, PROBED_RANGES)
    .reduce((sum, { low, high }) => sum + collection.countIndex(scan.index, low, high, PROBE), 0);
  const read = scan.sorted && complete && needed !== undefined ? Math.min(keys, needed) : keys;
  return sort.length > 0 && !scan.sorted ? read * 2 : read;
}

/** The `$or` with an index for each branch; each branch also meets the conditions beside the `$or`. */
function unionOf(
  collection: Collection,
  query: Conjunction,
  request: PlanRequest,
): Extract<Access, { kind: 'or' }> | undefined {
  if (request.hint !== undefined) return undefined;
  for (const nodes of query.alternatives) {
    const branches = nodes.map((node) => branchOf(collection, query, node, request));
    if (branches.every((branch) => branch !== undefined)) {
      const sorted = request.sort.length > 0 && branches.every(({ scan }) => scan.sorted);
      return { kind: 'or', branches: branches.map(({ scan }) => scan), sorted };
    }
  }
  return undefined;
}

function branchOf(collection: Collection, query: Conjunction, node: Node, request: PlanRequest): Candidate | undefined {
  const own = conjunctionOf(node);
  const joined = { ...own, predicates: [...query.predicates, ...own.predicates], complete: false };
  const best = bestIndex(collection, joined, request);
  return best?.bound === true ? best : undefined;
}

/** More fields bound in every branch, or the order kept where the single index would have to sort. */
function unionIsBetter(either: Extract<Access, { kind: 'or' }>, { scan, bound }: Candidate): boolean {
  if (!bound) return true;
  if (scan.sorted && !either.sorted) return false;
  return either.branches.every((branch) => boundFields(branch) > boundFields(scan));
}

function boundFields({ intervals }: IndexScan): number {
  return intervals.filter(([first]) => first?.label !== EVERYTHING.label).length;
}

/** Throws BadValue when there is none. */
export function hintedIndex(collection: Collection, hint: unknown): IndexSpec {
  const found = collection.indexes.find((index) =>
    typeof hint === 'string' ? index.name === hint : samePattern(keyPattern(index), hint),
  );
  if (!found)
    throw badValue('planner returned error :: caused by :: hint provided does not correspond to an existing index');
  return found;
}

export function samePattern(a: Document, b: unknown): boolean {
  return isDocument(b) && equalValues(Object.entries(a), Object.entries(b));
}

/** A hinted index without bounds is read as a whole. */
function hintedScan(collection: Collection, hint: unknown): Access {
  const index = hintedIndex(collection, hint);
  const everything = conjunctionOf({ kind: 'and', nodes: [] });
  const sort = index.fields.map(({ path, parts, descending }) => ({ path, parts, descending }));
  const scan = candidate(index, everything, sort)?.scan;
  // It covers the query that asks for everything, which is not the one that was asked.
  return scan ? { ...scan, covers: false } : { kind: 'collection', reverse: false };
}
