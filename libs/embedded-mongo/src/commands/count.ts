import type { Document } from '../bson/document.js';
import { decodeStored } from '../bson/stored.js';
import { equalValues, compareValues } from '../bson/compare.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { valuesAt } from '../match/path.js';
import { areIds, executeInSlices } from '../query/execute.js';
import { nextResult, Pace, total } from '../query/pace.js';
import type { KeyRange, QueryPlan } from '../query/plan.js';
import { planQuery } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import { hintOf, refuseCollation } from './find.js';
import { mismatch, type Command } from './command.js';
import { missingField } from './fields.js';

export interface Query {
  collection: Collection | undefined;
  filter: Filter;
  plan: QueryPlan;
}

/** Number of matches: of all documents or of an exact index range without reading any document. */
export async function countMatches(query: Query, command: Command): Promise<number> {
  const { collection, filter, plan } = query;
  if (!collection) return 0;
  const { access } = plan;
  const turn = () => command.store.turn();
  if (Object.keys(filter.source).length === 0) return total(collection.countAll(), turn);
  if (access.kind === 'index' && access.covers) {
    if (areIds(access)) return numberOfIds(collection, access.ranges);
    let count = 0;
    for (const { low, high } of access.ranges) count += await total(collection.countIn(access.index, low, high), turn);
    return count;
  }
  let count = 0;
  const hits = executeInSlices({ ...query, deadline: command.deadline, pace: new Pace() });
  while (await nextResult(hits, turn)) count++;
  return count;
}

const numberOfIds = (collection: Collection, ranges: KeyRange[]): number =>
  ranges.filter(({ low }) => collection.findIdKey(low) !== undefined).length;

export function prepareQuery(command: Command, field: 'query' | 'q' = 'query'): Query {
  refuseCollation(command.value('collation'));
  const { collection } = command;
  const filter = compileFilter(command.document(field), command.variables);
  const plan = planQuery(collection, { filter, sort: [], hint: hintOf(command.value('hint')) });
  return { collection, filter, plan };
}

export async function count(command: Command): Promise<Document> {
  const found = await countMatches(prepareQuery(command), command);
  // A negative limit is that of a single batch, which a count is anyway.
  const limit = Math.abs(command.number('limit', -Infinity) ?? 0) || Infinity;
  return { n: Math.min(Math.max(0, found - (command.number('skip') ?? 0)), limit), ok: 1 };
}

export async function distinct(command: Command): Promise<Document> {
  const { collection, filter, plan } = prepareQuery(command);
  return distinctOf(
    command,
    executeInSlices({ collection, filter, plan, deadline: command.deadline, pace: new Pace() }),
  );
}

/** The values that the documents of a query have, each once. */
export async function distinctOf(command: Command, hits: Generator<{ bytes: Buffer } | undefined>): Promise<Document> {
  const key = command.value('key');
  if (key === undefined) throw missingField('distinct.key');
  if (typeof key !== 'string') throw mismatch('distinct', 'key', 'string');
  const parts = key.split('.');
  const values: unknown[] = [];
  const turn = () => command.store.turn();
  const fields = new Set(parts.slice(0, 1));
  for (let hit = await nextResult(hits, turn); hit; hit = await nextResult(hits, turn)) {
    for (const value of valuesAt(decodeStored(hit.bytes, fields), parts)) values.push(value);
  }
  values.sort(compareValues);
  return { values: values.filter((value, i) => i === 0 || !equalValues(value, values[i - 1])), ok: 1 };
}
