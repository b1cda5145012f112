import { outputOf } from '../aggregate/output.js';
import { readStages } from '../aggregate/stages.js';
import { getField, type Document } from '../bson/document.js';
import { badValue, Code, MongoError } from '../errors.js';
import { beneath, refuseCircle } from '../storage/views.js';
import { Command, mismatch } from './command.js';

/** An aggregate on the collection beneath a view, whose results are those of the view. */
class ViewCommand extends Command {
  constructor(
    private readonly viewed: Command,
    aggregate: Document,
  ) {
    super('aggregate', { ...viewed.body, ...aggregate }, viewed.server, viewed.connectionId);
  }

  override get namespace(): string {
    return this.viewed.namespace;
  }
}

type Stages = (command: Command) => unknown[];

/** What reads, as stages behind those of the view. */
const READS: Record<string, Stages> = {
  aggregate: (command) => command.array('pipeline'),
  find: findStages,
  count: (command) => [
    { $match: command.document('query') },
    ...cut(command, Math.abs(command.number('limit', -Infinity) ?? 0)),
  ],
  distinct: (command) => [{ $match: command.document('query') }],
};

/** A command that reads a view, as it is run; undefined for every other one. */
export function aggregateOnView(command: Command): Command | undefined {
  const { name, body, store, database } = command;
  const [stages, shown] = [Object.hasOwn(READS, name) ? READS[name] : undefined, getField(body, name)];
  if (!stages || typeof shown !== 'string' || !store.collection(database, shown)?.isView) return undefined;
  const source = beneath(store, database, shown);
  const batchSize = command.value('batchSize');
  const cursor = name === 'aggregate' ? command.value('cursor') : { ...(batchSize !== undefined && { batchSize }) };
  return new ViewCommand(command, { aggregate: source.name, pipeline: [...source.stages, ...stages(command)], cursor });
}

const FINDS_ONLY = ['min', 'max', 'returnKey', 'showRecordId', 'tailable'];

function findStages(command: Command): Document[] {
  const refused = FINDS_ONLY.find((option) => command.flag(option));
  if (refused !== undefined) {
    throw new MongoError(Code.InvalidPipelineOperator, `Option ${refused} not supported in aggregation.`);
  }
  const [sort, projection] = [command.document('sort'), command.document('projection')];
  const only = command.flag('singleBatch') ? command.number('batchSize') || Infinity : Infinity;
  const limit = Math.min(command.number('limit') || Infinity, only);
  return [
    { $match: command.document('filter') },
    ...(Object.keys(sort).length > 0 ? [{ $sort: sort }] : []),
    ...cut(command, limit === Infinity ? 0 : limit),
    ...(Object.keys(projection).length > 0 ? [{ $project: projection }] : []),
  ];
}

/** A limit of 0 is none. */
function cut(command: Command, limit: number): Document[] {
  const skip = command.number('skip') ?? 0;
  return [...(skip > 0 ? [{ $skip: skip }] : []), ...(limit > 0 ? [{ $limit: limit }] : [])];
}

const COLLECTIONS_ONLY = ['capped', 'validator', 'clusteredIndex', 'index'];

/** What a view of the command's name is to show. Throws what MongoDB does when it cannot. */
export function viewOptions(command: Command, before: Document = {}): Document {
  const { store, database, collectionName } = command;
  const other = COLLECTIONS_ONLY.find((option) => command.value(option) !== undefined);
  if (other !== undefined) throw new MongoError(Code.InvalidOptions, `A view has no '${other}'`);
  const viewOn = command.value('viewOn') ?? before.viewOn;
  const pipeline = command.value('pipeline') ?? before.pipeline ?? [];
  if (typeof viewOn !== 'string') throw mismatch(command.name, 'viewOn', 'string');
  if (viewOn === '') throw badValue("'viewOn' cannot be empty");
  if (outputOf(readStages(pipeline), database)) {
    throw new MongoError(Code.OptionNotSupportedOnView, '$out and $merge cannot be used in a view');
  }
  refuseCircle(store, database, collectionName, viewOn);
  return { viewOn, pipeline };
}
