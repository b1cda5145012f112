import { Binary, Long } from 'bson';
import { createHash } from 'node:crypto';
import { isDocument, plainDocument, type Document } from '../bson/document.js';
import type { Command } from '../commands/command.js';
import * as statistics from '../commands/statistics.js';
import { badValue, Code, MongoError, notImplemented } from '../errors.js';
import { keyPattern } from '../storage/index-spec.js';
import type { Environment } from './environment.js';
import { evaluate } from '../expression/evaluate.js';

/** Stages that bring documents from elsewhere than the collection; they come first. */
export function firstStage(
  command: Command,
  [first, ...rest]: Document[],
  { variables }: Environment,
): { documents: Document[]; rest: Document[] } | undefined {
  const [name = ''] = Object.keys(first ?? {});
  if (first === undefined) return undefined;
  if (name === '$changeStream') {
    throw new MongoError(Code.ChangeStreamUnsupported, 'The $changeStream stage is only supported on replica sets');
  }
  if (name === '$documents') return { documents: literal(evaluate(first.$documents, {}, variables)), rest };
  if (name === '$indexStats') return { documents: indexStats(command), rest };
  if (name === '$collStats') return { documents: [collStats(command, first.$collStats)], rest };
  if (name === '$listLocalSessions') return { documents: ownSession(command), rest };
  if (['$geoNear', '$currentOp', '$listSessions', '$planCacheStats', '$search'].includes(name)) {
    throw notImplemented(name);
  }
  return undefined;
}

/** Sessions hold nothing, and are not kept: the one that is known is that which asks. */
function ownSession(command: Command): Document[] {
  const { lsid } = command.body;
  if (!isDocument(lsid)) return [];
  const uid = new Binary(createHash('sha256').digest());
  return [{ _id: { id: lsid.id, uid }, lastUse: command.server.now() }];
}

function literal(value: unknown): Document[] {
  if (!Array.isArray(value) || !value.every(isDocument)) throw badValue('$documents needs an array of documents');
  return value;
}

function indexStats({ collection, server }: Command): Document[] {
  const host = `${server.host}:${server.port}`;
  return (collection?.indexes ?? []).map((index) => ({
    name: index.name,
    key: plainDocument(keyPattern(index)),
    host,
    accesses: { ops: Long.ZERO, since: server.startedAt },
    spec: plainDocument(index.source),
  }));
}

function collStats(command: Command, wanted: unknown): Document {
  const { collection, namespace, server } = command;
  if (!collection) throw new MongoError(Code.NamespaceNotFound, `Collection [${namespace}] not found.`);
  const { ns, ok: _ok, ...storageStats } = statistics.collStats(command);
  return {
    ns,
    host: `${server.host}:${server.port}`,
    localTime: server.now(),
    count: collection.count(),
    ...(isDocument(wanted) && 'storageStats' in wanted && { storageStats }),
  };
}
