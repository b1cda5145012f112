import type { Document } from '../bson/document.js';
import { equalValues, compareValues } from '../bson/compare.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { valuesAt } from '../match/path.js';
import { execute, type Counters, type Deadline } from '../query/execute.js';
import type { QueryPlan } from '../query/plan.js';
import { planQuery } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import { hintOf, refuseCollation } from './find.js';
import { mismatch, type Command } from './command.js';
import { missingField } from './fields.js';

/** Number of matches: of all documents or of an exact index range without reading any document. */
export function countMatches(
  collection: Collection | undefined,
  filter: Filter,
  plan: QueryPlan,
  deadline: Deadline,
  counters: Counters = { keys: 0, documents: 0 },
): number {
  if (!collection) return 0;
  if (Object.keys(filter.source).length === 0) return collection.count();
  const { access } = plan;
  if (access.kind === 'index' && access.covers) {
    const count = access.ranges.reduce((sum, { low, high }) => sum + collection.countIndex(access.index, low, high), 0);
    counters.keys += count;
    return count;
  }
  let count = 0;
  const hits = execute({ collection, filter, plan, deadline, counters });
  while (!hits.next().done) count++;
  return count;
}

export function prepareQuery(command: Command, field: 'query' | 'q' = 'query') {
  refuseCollation(command.value('collation'));
  const { collection } = command;
  const filter = compileFilter(command.document(field), command.variables);
  const plan = planQuery(collection, { filter, sort: [], hint: hintOf(command.value('hint')) });
  return { collection, filter, plan };
}

export function count(command: Command): Document {
  const { collection, filter, plan } = prepareQuery(command);
  const found = countMatches(collection, filter, plan, command.deadline);
  // A negative limit is that of a single batch, which a count is anyway.
  const limit = Math.abs(command.number('limit', -Infinity) ?? 0) || Infinity;
  return { n: Math.min(Math.max(0, found - (command.number('skip') ?? 0)), limit), ok: 1 };
}

export function distinct(command: Command): Document {
  const { collection, filter, plan } = prepareQuery(command);
  const key = command.value('key');
  if (key === undefined) throw missingField('distinct.key');
  if (typeof key !== 'string') throw mismatch('distinct', 'key', 'string');
  const parts = key.split('.');
  const values: unknown[] = [];
  for (const { document } of execute({ collection, filter, plan, deadline: command.deadline })) {
    values.push(...valuesAt(document, parts));
  }
  values.sort(compareValues);
  return { values: values.filter((value, i) => i === 0 || !equalValues(value, values[i - 1])), ok: 1 };
}
