import type { Environment } from '../aggregate/environment.js';
import { outputOf } from '../aggregate/output.js';
import { neededFields } from '../aggregate/needed-fields.js';
import { decodeAll, planSplit, queryBytes, runPipeline, splitPipeline } from '../aggregate/pipeline.js';
import { firstStage } from '../aggregate/sources.js';
import { readStages, runStages } from '../aggregate/stages.js';
import { encode, isDocument, numberOf, promoteDocument, type Document } from '../bson/document.js';
import { failedToParse } from '../errors.js';
import type { Counters } from '../query/execute.js';
import { countMatches } from './count.js';
import type { Command } from './command.js';
import { explainAggregate } from './explain.js';
import { hintOf, refuseCollation } from './find.js';

export async function aggregate(command: Command): Promise<Document> {
  refuseCollation(command.value('collation'));
  if (command.flag('explain')) return explainAggregate(command, 'queryPlanner');
  if (!isDocument(command.value('cursor'))) {
    throw failedToParse("The 'cursor' option is required, except for aggregate with the explain argument");
  }
  const stages = readStages(command.value('pipeline'));
  const output = outputOf(stages, command.database);
  const environment = environmentOf(command);
  const namespace =
    numberOf(command.value('aggregate')) === 1 ? `${command.database}.$cmd.aggregate` : command.namespace;
  const batchSize = numberOf(command.document('cursor').batchSize);
  if (!output) return { ...command.server.cursors.first(namespace, results(command, stages), batchSize), ok: 1 };
  await command.store.write(() => output.write([...documents(command, stages.slice(0, -1))], environment));
  return { ...command.server.cursors.first(namespace, [], batchSize), ok: 1 };
}

export function environmentOf(command: Command): Environment {
  const { store, database, deadline } = command;
  return { store, database, deadline, variables: promoteDocument(command.variables) };
}

/** As BSON; what no stage touches goes out as it is stored. */
export function results(command: Command, stages: Document[], counters?: Counters): Iterable<Buffer> {
  const environment = environmentOf(command);
  const source = firstStage(command, stages, environment);
  if (source) return encodeAll(runStages(source.documents, source.rest, environment, runPipeline));
  const split = splitPipeline(stages, environment.variables);
  const { collection } = command;
  const plan = planSplit(collection, split, hintOf(command.value('hint')));
  const counted = countedField(split.rest);
  if (counted && split.skip === 0 && split.limit === undefined) {
    const n = countMatches(collection, split.filter, plan, command.deadline, counters);
    return n === 0 ? [] : [encode({ ...counted.group, [counted.field]: n })];
  }
  const found = queryBytes(collection, split, environment, plan, counters);
  if (split.rest.length === 0) return found;
  return encodeAll(runStages(decodeAll(found, neededFields(split.rest)), split.rest, environment, runPipeline));
}

function* documents(command: Command, stages: Document[]): Generator<Document> {
  yield* decodeAll(results(command, stages));
}

function* encodeAll(results: Iterable<Document>): Generator<Buffer> {
  for (const document of results) yield encode(document);
}

/** `{ $group: { _id: 1, n: { $sum: 1 } } }` (a driver's countDocuments) or `{ $count: 'n' }` alone: keys can be counted. */
function countedField(rest: Document[]): { group: Document; field: string } | undefined {
  const [stage] = rest;
  if (!stage || rest.length !== 1) return undefined;
  if (typeof stage.$count === 'string') return { group: {}, field: stage.$count };
  const { $group } = stage;
  if (!isDocument($group) || Object.keys($group).length !== 2) return undefined;
  const [field = ''] = Object.keys($group).filter((name) => name !== '_id');
  const { [field]: accumulator, _id } = $group;
  const constant = _id === null || numberOf(_id) !== undefined;
  const sums = isDocument(accumulator) && Object.keys(accumulator).length === 1 && accumulator.$sum === 1;
  return constant && sums ? { group: { _id }, field } : undefined;
}
