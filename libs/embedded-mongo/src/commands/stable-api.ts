import { isDocument } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';
import type { Command } from './command.js';

/** The commands of API version 1. */
const COMMANDS = new Set(
  `abortTransaction aggregate authenticate bulkWrite collMod commitTransaction count create createIndexes delete drop
  dropDatabase dropIndexes endSessions explain find findAndModify getMore hello insert killCursors listCollections
  listDatabases listIndexes ping refreshSessions update`.split(/\s+/),
);

const OTHER_STAGES = ['$currentOp', '$indexStats', '$listLocalSessions', '$listSessions', '$planCacheStats', '$search'];

/** A client may declare the version of the API that it is written for, and have all that is not of it refused. */
export function checkStableApi(command: Command): void {
  const version = command.value('apiVersion');
  if (version === undefined) {
    const alone = ['apiStrict', 'apiDeprecationErrors'].find((field) => command.value(field) !== undefined);
    if (alone === undefined) return;
    throw new MongoError(4_886_600, `Provided ${alone} without passing apiVersion`);
  }
  if (version !== '1') throw new MongoError(Code.APIVersionError, 'API version must be "1"');
  if (!command.flag('apiStrict')) return;
  if (!COMMANDS.has(command.name))
    throw strict(`Provided apiStrict:true, but the command ${command.name} is not in API Version 1`);
  const stages = command.value('pipeline');
  if (command.name !== 'aggregate' || !Array.isArray(stages)) return;
  for (const stage of stages) {
    const other = isDocument(stage) && OTHER_STAGES.find((name) => name in stage);
    if (other) throw strict(`stage ${other} is not allowed with 'apiStrict: true' in API Version 1`);
  }
}

function strict(message: string): MongoError {
  return new MongoError(Code.APIStrictError, message);
}
