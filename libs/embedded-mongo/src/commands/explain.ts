import { outputOf } from '../aggregate/output.js';
import { planSplit, splitPipeline } from '../aggregate/pipeline.js';
import { readStages } from '../aggregate/stages.js';
import { getField, type Document } from '../bson/document.js';
import { Code, failedToParse, MongoError } from '../errors.js';
import { parseSort } from '../match/sort.js';
import type { Filter } from '../match/filter.js';
import { execute, type Counters } from '../query/execute.js';
import { explainPlan, type ExplainedQuery, type ExplainNumbers } from '../query/explain.js';
import type { QueryPlan } from '../query/plan.js';
import type { Collection } from '../storage/collection.js';
import { Command } from './command.js';
import { prepareQuery } from './count.js';
import { VERSION } from './diagnostics.js';
import { hintOf, prepareFind } from './find.js';
import { statementDocument, targetOf } from './modification.js';
import { aggregateOnView } from './views.js';

interface Explained {
  collection: Collection | undefined;
  filter: Filter;
  plan: QueryPlan;
}

/** `explain` around another command; with `executionStats` (the default, `allPlansExecution`, too) it is run. */
export function explain(command: Command): Document {
  const inner = command.document('explain');
  const [name = ''] = Object.keys(inner);
  const body = { ...inner, $db: command.database };
  const explained = new Command(name, body, command.server, command.connectionId);
  const verbosity = command.value('verbosity') ?? 'allPlansExecution';
  if (!['queryPlanner', 'executionStats', 'allPlansExecution'].includes(String(verbosity))) {
    throw failedToParse(`verbosity string must be one of {'queryPlanner', 'executionStats', 'allPlansExecution'}`);
  }
  return explainCommand(aggregateOnView(explained) ?? explained, String(verbosity));
}

function explainCommand(command: Command, verbosity: string): Document {
  switch (command.name) {
    case 'find': {
      const { skip, limit, projection, ...query } = prepareFind(command);
      return describe(command, verbosity, query, { skip, ...(limit !== undefined && { limit }), projection });
    }
    case 'aggregate':
      return explainAggregate(command, verbosity);
    case 'count': {
      const query = prepareQuery(command);
      const keysOnly = query.plan.access.kind === 'index' && query.plan.access.covers;
      return describe(command, verbosity, query, { outer: keysOnly ? 'COUNT_SCAN' : 'COUNT' });
    }
    case 'distinct':
      return describe(command, verbosity, prepareQuery(command), {});
    case 'update':
      return describe(command, verbosity, statementTarget(command, 'updates', 'multi'), { outer: 'UPDATE' });
    case 'delete':
      return describe(command, verbosity, statementTarget(command, 'deletes', 'limit'), { outer: 'DELETE' });
    case 'findAndModify':
    case 'findandmodify': {
      const sort = parseSort(command.document('sort'));
      const target = targetOf(command, command.document('query'), { sort, single: true, hint: command.value('hint') });
      return describe(command, verbosity, target, { outer: command.flag('remove') ? 'DELETE' : 'UPDATE' });
    }
    default:
      throw new MongoError(Code.CommandNotFound, `Explain failed due to unknown command: ${command.name}`);
  }
}

function statementTarget(command: Command, list: string, single: string): Explained {
  const [statement] = command.documents(list);
  if (!statement) throw failedToParse(`explain needs one statement in ${list}`);
  const { hint, collation } = statement;
  return targetOf(command, statementDocument(statement, 'q'), {
    hint,
    collation,
    single: !getField(statement, single),
  });
}

/** A pipeline that is one query looks like a find; otherwise its first stage is the query's cursor. */
export function explainAggregate(command: Command, verbosity: string): Document {
  const stages = readStages(command.value('pipeline'));
  const rest = outputOf(stages, command.database) ? stages.slice(0, -1) : stages;
  const split = splitPipeline(rest, command.variables);
  const { collection } = command;
  const plan = planSplit(collection, split, hintOf(command.value('hint')));
  const { skip, limit, filter } = split;
  const query = { collection, filter, plan };
  const explained = describe(command, verbosity, query, { skip, ...(limit !== undefined && { limit }) });
  if (split.rest.length === 0 && rest === stages) return explained;
  const { queryPlanner, executionStats, ...outside } = explained;
  const cursor = { queryPlanner, ...(executionStats !== undefined && { executionStats }) };
  const later = stages.slice(stages.length - split.rest.length - (stages.length - rest.length));
  return { ...outside, stages: [{ $cursor: cursor }, ...later] };
}

type Shape = Pick<ExplainedQuery, 'skip' | 'limit' | 'projection' | 'outer'>;

function describe(command: Command, verbosity: string, query: Explained, shape: Shape): Document {
  const { filter, plan } = query;
  const namespace = query.collection?.namespace ?? command.namespace;
  const numbers = verbosity === 'queryPlanner' ? undefined : measure(command, query, shape);
  return {
    ...explainPlan({ namespace, filter: filter.source, plan, ...shape }, numbers),
    command: command.body,
    serverInfo: { host: command.server.host, port: command.server.port, version: VERSION, gitVersion: 'embedded' },
    ok: 1,
  };
}

function measure(command: Command, query: Explained, { skip = 0, limit = Infinity }: Shape): ExplainNumbers {
  const counters: Counters = { keys: 0, documents: 0 };
  const begin = performance.now();
  let found = 0;
  for (const _hit of execute({ ...query, deadline: command.deadline, counters })) {
    found++;
    if (found >= skip + limit) break;
  }
  return { ...counters, returned: Math.max(0, found - skip), milliseconds: performance.now() - begin };
}
