import { promoteDocument, type Document } from '../bson/document.js';
import { Code, failedToParse, MongoError, notImplemented } from '../errors.js';
import type { Collection } from '../storage/collection.js';
import type { Command } from './command.js';

/** There are no users and no roles: everybody may do everything. */
export function usersInfo(): Document {
  return { users: [], ok: 1 };
}

export function rolesInfo(): Document {
  return { roles: [], ok: 1 };
}

export function logout(): Document {
  return { ok: 1 };
}

/** Who gives a name and a password means another server: nobody has one here. */
export function saslStart(command: Command): Document {
  const mechanism = String(command.value('mechanism'));
  if (mechanism.startsWith('SCRAM-')) throw new MongoError(Code.AuthenticationFailed, 'Authentication failed.');
  const text = `Received authentication for mechanism ${mechanism} which is not enabled`;
  throw new MongoError(Code.MechanismUnavailable, text);
}

/** Commands are not listed while they run. */
export function currentOp(): Document {
  return { inprog: [], ok: 1 };
}

export function getFreeMonitoringStatus(): Document {
  return { state: 'disabled', ok: 1 };
}

function existing({ collection, namespace }: Command): Collection {
  if (collection) return collection;
  throw new MongoError(Code.NamespaceNotFound, `Collection '${namespace}' does not exist`);
}

/** The space of what was deleted is used again without being asked for. */
export function compact(command: Command): Document {
  existing(command);
  return { bytesFreed: 0, ok: 1 };
}

/** Entries are changed with their document, in one transaction: there is nothing that making them anew would mend. */
export function reIndex(command: Command): Document {
  const { indexes } = existing(command);
  return {
    nIndexesWas: indexes.length,
    nIndexes: indexes.length,
    indexes: indexes.map(({ source }) => promoteDocument(source)),
    ok: 1,
  };
}

/** Of a collection as a whole; its parts between two keys are not measured. */
export function dataSize(command: Command): Document {
  const namespace = command.value('dataSize');
  if (typeof namespace !== 'string' || !namespace.includes('.')) {
    throw new MongoError(Code.InvalidNamespace, `Invalid namespace specified '${String(namespace)}'`);
  }
  if (command.value('min') !== undefined || command.value('max') !== undefined) {
    throw failedToParse('dataSize measures whole collections only');
  }
  const [database = '', ...name] = namespace.split('.');
  const collection = command.store.collection(database, name.join('.'));
  let [size, numObjects] = [0, 0];
  for (const { bytes } of collection?.scan() ?? []) {
    size += bytes.length;
    numObjects++;
  }
  return { size, numObjects, millis: 0, estimate: false, ok: 1 };
}

/** Commands are not profiled, and nobody can have them so. */
export function profile(command: Command): Document {
  if ((command.number('profile', -1) ?? 0) > 0) throw notImplemented('the profiler');
  return { was: 0, slowms: 100, sampleRate: 1, ok: 1 };
}
