import type { Document } from '../bson/document.js';
import type { SortField } from '../match/sort.js';
import { isMultikey, keyPattern } from '../storage/index-spec.js';
import type { Counters } from './execute.js';
import type { Access, IndexScan, QueryPlan } from './plan.js';

/** Numbers of an executed plan; without them only the plan is shown. */
export interface ExplainNumbers extends Counters {
  returned: number;
  milliseconds: number;
}

export interface ExplainedQuery {
  namespace: string;
  filter: Document;
  plan: QueryPlan;
  skip?: number;
  limit?: number;
  projection?: Document;
  /** `UPDATE`, `DELETE`, `COUNT` … around the plan. */
  outer?: string;
}

/** The stages of a plan as MongoDB 7.0 shows them. */
export function explainPlan(query: ExplainedQuery, numbers?: ExplainNumbers): Document {
  const winningPlan = stages(query);
  const planner = {
    namespace: query.namespace,
    parsedQuery: query.filter,
    indexFilterSet: false,
    maxIndexedOrSolutionsReached: false,
    winningPlan,
    rejectedPlans: [],
  };
  if (!numbers) return { explainVersion: '1', queryPlanner: planner };
  const executionStats = {
    executionSuccess: true,
    nReturned: numbers.returned,
    executionTimeMillis: Math.round(numbers.milliseconds),
    totalKeysExamined: numbers.keys,
    totalDocsExamined: numbers.documents,
    executionStages: {
      ...winningPlan,
      nReturned: numbers.returned,
      keysExamined: numbers.keys,
      docsExamined: numbers.documents,
    },
  };
  return { explainVersion: '1', queryPlanner: planner, executionStats };
}

function stages(query: ExplainedQuery): Document {
  const { plan, filter, skip = 0, limit = 0, projection = {}, outer } = query;
  let stage = accessStages(plan, filter, outer === 'COUNT_SCAN');
  const wrap = (name: string, fields: Document = {}) => (stage = { stage: name, ...fields, inputStage: stage });
  if (plan.sort.length > 0) {
    wrap('SORT', {
      sortPattern: patternOf(plan.sort),
      memLimit: 104_857_600,
      type: 'simple',
      ...(limit > 0 && { limitAmount: skip + limit }),
    });
  }
  if (skip > 0) wrap('SKIP', { skipAmount: skip });
  if (limit > 0) wrap('LIMIT', { limitAmount: limit });
  if (Object.keys(projection).length > 0) wrap('PROJECTION_DEFAULT', { transformBy: projection });
  if (outer !== undefined && outer !== 'COUNT_SCAN') wrap(outer);
  return stage;
}

function accessStages({ access, order }: QueryPlan, filter: Document, keysOnly: boolean): Document {
  switch (access.kind) {
    case 'none':
      return { stage: 'EOF' };
    case 'collection':
      return { stage: 'COLLSCAN', filter, direction: access.reverse ? 'backward' : 'forward' };
    case 'id':
      return { stage: 'IDHACK' };
    case 'index':
      if (keysOnly) return { ...indexStage(access), stage: 'COUNT_SCAN' };
      return { stage: 'FETCH', ...(access.covers ? {} : { filter }), inputStage: indexStage(access) };
    case 'or':
      return orStage(access, order, filter);
  }
}

function orStage(access: Extract<Access, { kind: 'or' }>, order: SortField[], filter: Document): Document {
  const inputStages = access.branches.map(indexStage);
  const stage = access.sorted ? { stage: 'SORT_MERGE', sortPattern: patternOf(order) } : { stage: 'OR' };
  return { stage: 'FETCH', filter, inputStage: { ...stage, inputStages } };
}

function indexStage(scan: IndexScan): Document {
  const { index, intervals, reverse } = scan;
  const stage = {
    stage: 'IXSCAN',
    keyPattern: keyPattern(index),
    indexName: index.name,
    isMultiKey: isMultikey(index),
    isUnique: index.unique,
    isSparse: index.sparse,
    isPartial: index.partial !== undefined,
    indexVersion: 2,
    direction: reverse ? 'backward' : 'forward',
    indexBounds: Object.fromEntries(
      index.fields.map(({ path }, i) => [path, intervals[i]?.map(({ label }) => label) ?? []]),
    ),
  };
  if (!scan.merged || scan.ranges.length === 1) return stage;
  return { stage: 'SORT_MERGE', inputStages: [stage] };
}

function patternOf(sort: SortField[]): Document {
  return Object.fromEntries(sort.map(({ path, descending }) => [path, descending ? -1 : 1]));
}
