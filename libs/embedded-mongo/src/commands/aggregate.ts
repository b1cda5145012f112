import type { Environment } from '../aggregate/environment.js';
import { outputOf } from '../aggregate/output.js';
import { decodeAll, planSplit, queryBytes, queryDocuments, runPipeline, splitPipeline } from '../aggregate/pipeline.js';
import { firstStage } from '../aggregate/sources.js';
import { readStages, runStages } from '../aggregate/stages.js';
import { encode, isDocument, numberOf, plainDocument, type Document } from '../bson/document.js';
import { failedToParse } from '../errors.js';
import { Pace } from '../query/pace.js';
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
  const { cursors } = command.server;
  if (output) {
    await command.store.write(() => output.write([...documents(command, stages.slice(0, -1))], environment));
    return { ...(await cursors.first(namespace, [], batchSize)), ok: 1 };
  }
  const found = (await counted(command, stages)) ?? results(command, stages, new Pace());
  return { ...(await cursors.first(namespace, found, batchSize)), ok: 1 };
}

export function environmentOf(command: Command): Environment {
  const { store, database, deadline } = command;
  return { store, database, deadline, variables: plainDocument(command.variables) };
}

/** As BSON; what no stage touches goes out as it is stored. */
export function results(command: Command, stages: Document[], pace?: Pace): Iterable<Buffer | undefined> {
  const environment = environmentOf(command);
  const source = firstStage(command, stages, environment);
  if (source) return encodeAll(runStages(source.documents, source.rest, environment, runPipeline));
  const split = splitPipeline(stages, environment.variables);
  const { collection } = command;
  const plan = planSplit(collection, split, hintOf(command.value('hint')));
  const beginning = { collection, split, plan, deadline: command.deadline, ...(pace && { pace }) };
  if (split.rest.length === 0) return queryBytes(beginning);
  return encodeAll(runStages(queryDocuments(beginning), split.rest, environment, runPipeline));
}

/** The result of a pipeline that only counts what a query finds; undefined for every other. */
async function counted(command: Command, stages: Document[]): Promise<Buffer[] | undefined> {
  const field = countedField(stages.filter((stage) => !('$match' in stage)));
  if (!field || !stages.slice(0, -1).every((stage) => '$match' in stage)) return undefined;
  const { collection } = command;
  const split = splitPipeline(stages, environmentOf(command).variables);
  const plan = planSplit(collection, split, hintOf(command.value('hint')));
  const n = await countMatches({ collection, filter: split.filter, plan }, command);
  return n === 0 ? [] : [encode({ ...field.group, [field.field]: n })];
}

function* documents(command: Command, stages: Document[]): Generator<Document> {
  for (const document of decodeAll(results(command, stages))) if (document) yield document;
}

function* encodeAll(results: Iterable<Document | undefined>): Generator<Buffer | undefined> {
  for (const document of results) yield document && encode(document);
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
