import { isDocument, numberOf, type Document } from '../bson/document.js';
import { decodeStoredPlain, type Parts } from '../bson/stored.js';
import { badValue } from '../errors.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { parseSort, type SortField } from '../match/sort.js';
import { executeInSlices, type Deadline } from '../query/execute.js';
import type { Pace } from '../query/pace.js';
import type { QueryPlan } from '../query/plan.js';
import { planQuery } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import { beneath } from '../storage/views.js';
import type { Environment } from './environment.js';
import { neededParts } from './needed-fields.js';
import { readStages, runStages } from './stages.js';

/** A pipeline split into the query at its beginning, which indexes can answer, and the stages behind it. */
export interface SplitPipeline {
  filter: Filter;
  sort: SortField[];
  skip: number;
  limit: number | undefined;
  rest: Document[];
}

/** Leading `$match`, then `$sort`, `$skip` and `$limit` become one query. */
export function splitPipeline(stages: Document[], variables: Document): SplitPipeline {
  const rest = [...stages];
  const take = (name: string): unknown => {
    const [first] = rest;
    return first && name in first ? rest.shift()?.[name] : undefined;
  };
  const filters: Document[] = [];
  for (let match = take('$match'); match !== undefined; match = take('$match')) {
    if (!isDocument(match)) throw badValue('the match filter must be an expression in an object');
    filters.push(match);
  }
  const sort = take('$sort');
  const skip = count('$skip', take('$skip')) ?? 0;
  const limit = count('$limit', take('$limit'));
  if (limit === 0) throw badValue('the limit must be positive');
  const [only] = filters;
  const source = filters.length > 1 ? { $and: filters } : (only ?? {});
  const fields = isDocument(sort) ? parseSort(sort) : [];
  return { filter: compileFilter(source, variables), sort: fields, skip, limit, rest };
}

function count(stage: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = numberOf(value);
  if (number === undefined || number < 0) throw badValue(`invalid argument to ${stage} stage: ${String(value)}`);
  return number;
}

export function planSplit(collection: Collection | undefined, split: SplitPipeline, hint?: unknown): QueryPlan {
  const { filter, sort, skip, limit } = split;
  return planQuery(collection, { filter, sort, ...(limit !== undefined && { needed: skip + limit }), hint });
}

/** The query at a pipeline's beginning. */
export interface Beginning {
  collection: Collection | undefined;
  split: SplitPipeline;
  plan: QueryPlan;
  deadline: Deadline;
  /** Documents are undefined between slices. */
  pace?: Pace;
  /** Each is looked into before the next one is asked for. */
  brief?: boolean;
}

/** Its documents as BSON. */
export function* queryBytes({ split, ...execution }: Beginning): Generator<Buffer | undefined> {
  const { filter, skip, limit = Infinity } = split;
  let position = 0;
  for (const hit of executeInSlices({ ...execution, filter })) {
    if (!hit) yield undefined;
    else if (position++ >= skip) yield hit.bytes;
    if (position >= skip + limit) return;
  }
}

/** Its documents as the stages behind it take them, with what these look at. */
export function queryDocuments(beginning: Beginning): Generator<Document | undefined> {
  return decodeAll(queryBytes({ ...beginning, brief: true }), neededParts(beginning.split.rest));
}

/** Results as documents with plain numbers. */
export function* runPipeline(
  environment: Environment,
  collectionName: string,
  pipeline: unknown[],
): Generator<Document> {
  const { store, database, deadline } = environment;
  const { name, stages } = beneath(store, database, collectionName);
  const split = splitPipeline(readStages([...stages, ...pipeline]), environment.variables);
  const collection = store.collection(database, name);
  const documents = queryDocuments({ collection, split, plan: planSplit(collection, split), deadline });
  const results = split.rest.length === 0 ? documents : runStages(documents, split.rest, environment, runPipeline);
  for (const document of results) if (document) yield document;
}

/** Decoded with plain numbers, as mingo takes them. */
export function* decodeAll(found: Iterable<Buffer | undefined>, parts?: Parts): Generator<Document | undefined> {
  for (const bytes of found) yield bytes && decodeStoredPlain(bytes, parts);
}
