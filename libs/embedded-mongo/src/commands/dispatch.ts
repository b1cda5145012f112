import { getField, isDocument, numberOf, type Document } from '../bson/document.js';
import { badValue, Code, MongoError } from '../errors.js';
import * as administration from './administration.js';
import { aggregate } from './aggregate.js';
import { collMod, create, drop, dropDatabase, listCollections, listDatabases, renameCollection } from './catalog.js';
import type { Command, Handler } from './command.js';
import { count, distinct } from './count.js';
import { remove } from './delete.js';
import * as diagnostics from './diagnostics.js';
import { explain } from './explain.js';
import { refuseUnknownFields } from './fields.js';
import { find, getMore, killCursors } from './find.js';
import { findAndModify } from './find-and-modify.js';
import { createIndexes, dropIndexes, listIndexes } from './indexes.js';
import { insert } from './insert.js';
import * as sessions from './sessions.js';
import { checkStableApi } from './stable-api.js';
import { collStats, dbStats, serverStatus, validate } from './statistics.js';
import { update } from './update.js';
import { readView } from './view-reads.js';

const READS = { find, getMore, killCursors, count, distinct, aggregate, explain };
const WRITES = { insert, update, delete: remove, findAndModify, findandmodify: findAndModify };
const CATALOG = { create, drop, dropDatabase, listCollections, listDatabases, collMod, renameCollection };
const INDEXES = { createIndexes, listIndexes, dropIndexes, deleteIndexes: dropIndexes };

const { endSessions, startSession, noTransaction } = sessions;
const SESSIONS = {
  endSessions,
  startSession,
  refreshSessions: endSessions,
  killSessions: endSessions,
  killAllSessions: endSessions,
  killAllSessionsByPattern: endSessions,
  commitTransaction: noTransaction,
  abortTransaction: noTransaction,
};

const { hello, ping, buildInfo, getParameter, getLog, hostInfo, getCmdLineOpts, connectionStatus } = diagnostics;
const SERVER = { hello, ping, buildInfo, getParameter, getLog, hostInfo, getCmdLineOpts, connectionStatus };
const STATISTICS = { serverStatus, dbStats, collStats, validate, whatsmyuri: diagnostics.whatsMyUri };
const OTHER_SPELLINGS = {
  ismaster: hello,
  isMaster: hello,
  buildinfo: buildInfo,
  dbstats: dbStats,
  collstats: collStats,
};

const HANDLERS: Record<string, Handler> = {
  ...READS,
  ...WRITES,
  ...CATALOG,
  ...INDEXES,
  ...SESSIONS,
  ...SERVER,
  ...STATISTICS,
  ...administration,
  ...OTHER_SPELLINGS,
  listCommands,
};

function listCommands(): Document {
  return { commands: Object.fromEntries(Object.keys(HANDLERS).map((name) => [name, { help: '' }])), ok: 1 };
}

/** Answers a command, or throws a MongoError. */
export async function runCommand(command: Command): Promise<Document> {
  const handler = Object.hasOwn(HANDLERS, command.name) ? HANDLERS[command.name] : undefined;
  if (!handler) throw new MongoError(Code.CommandNotFound, `no such command: '${command.name}'`);
  command.server.counters.commands++;
  refuseTransaction(command);
  refuseUnknownFields(command.name, command.body);
  checkStableApi(command);
  checkReadConcern(command.value('readConcern'));
  checkWriteConcern(command.value('writeConcern'));
  while (command.store.renewed) await command.store.renewed;
  return await (readView(command) ?? handler(command));
}

/** As a standalone MongoDB: sessions yes, transactions and retryable writes no. */
function refuseTransaction(command: Command): void {
  const inTransaction = ['startTransaction', 'autocommit', 'txnNumber'].some(
    (field) => command.value(field) !== undefined,
  );
  if (!inTransaction || command.name.endsWith('Transaction')) return;
  throw new MongoError(Code.IllegalOperation, 'Transaction numbers are only allowed on a replica set member or mongos');
}

function checkWriteConcern(concern: unknown): void {
  if (!isDocument(concern)) return;
  const w = numberOf(getField(concern, 'w'));
  if (w !== undefined && w > 1) throw badValue("cannot use 'w' > 1 when a host is not replicated");
}

const READ_LEVELS: unknown[] = ['local', 'majority', 'available', 'linearizable', 'snapshot', undefined];

/** What is read is on disk, so that every level holds but that of one moment, which a standalone MongoDB refuses. */
function checkReadConcern(concern: unknown): void {
  if (!isDocument(concern)) return;
  const level = getField(concern, 'level');
  if (!READ_LEVELS.includes(level)) {
    throw badValue(`Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`);
  }
  if (level !== 'snapshot') return;
  const text = 'node needs to be a replica set member to use readConcern: snapshot';
  throw new MongoError(Code.NotAReplicaSet, text);
}
