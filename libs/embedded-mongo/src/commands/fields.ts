import type { Document } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';

const list = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Fields that any command may have: of drivers, sessions and the wire. */
const GENERIC = list(`$db lsid $clusterTime $readPreference readConcern writeConcern maxTimeMS comment apiVersion
  apiStrict apiDeprecationErrors txnNumber autocommit startTransaction stmtId stmtIds $configServerState $audit $client
  $tenant databaseVersion shardVersion mayBypassWriteBlocking maxTimeMSOpOnly rawData $queryOptions help
  defaultTransactionWriteConcern usesDefaultCollation querySettings encryptionInformation isTimeseriesNamespace`);

const FIND_OPTIONS = `filter sort projection hint skip limit batchSize ntoreturn singleBatch allowDiskUse max min returnKey
  showRecordId tailable oplogReplay noCursorTimeout awaitData allowPartialResults collation let options term readOnce
  allowSpeculativeMajorityRead resumeAfter requestResumeToken`;

/** The fields of the commands that refuse all others, as MongoDB's do. */
const COMMANDS: Record<string, ReadonlySet<string>> = {
  find: list(`find ${FIND_OPTIONS}`),
  aggregate: list(`aggregate pipeline cursor explain allowDiskUse bypassDocumentValidation collation hint let fromMongos
    needsMerge exchange isMapReduceCommand requestReshardingResumeToken collectionUUID passthroughToShard`),
  count: list('count query limit skip hint collation fields queryOptions collectionUUID'),
  distinct: list('distinct key query collation hint'),
  insert: list('insert documents ordered bypassDocumentValidation'),
  update: list('update updates ordered bypassDocumentValidation let'),
  delete: list('delete deletes ordered let'),
  findAndModify:
    list(`findAndModify findandmodify query fields sort hint collation let arrayFilters remove update upsert
    new bypassDocumentValidation sampleId`),
  create: list(`create capped size max autoIndexId idIndex storageEngine validationLevel validationAction validator
    viewOn pipeline collation timeseries expireAfterSeconds clusteredIndex changeStreamPreAndPostImages encryptedFields
    indexOptionDefaults recordPreImages temp flags`),
  createIndexes: list('createIndexes indexes commitQuorum ignoreUnknownIndexOptions v'),
  dropIndexes: list('dropIndexes deleteIndexes index'),
  listIndexes: list('listIndexes cursor includeBuildUUIDs includeIndexBuildInfo'),
  listCollections: list('listCollections cursor filter nameOnly authorizedCollections'),
  collMod: list(`collMod index validator validationLevel validationAction viewOn pipeline expireAfterSeconds timeseries
    changeStreamPreAndPostImages cappedSize cappedMax recordPreImages clusteredIndex dryRun indexes`),
  drop: list('drop collectionUUID'),
  renameCollection: list('renameCollection to dropTarget stayTemp'),
  getMore: list('getMore collection batchSize term lastKnownCommittedOpTime'),
};
const { findAndModify, dropIndexes } = COMMANDS;
Object.assign(COMMANDS, { findandmodify: findAndModify, deleteIndexes: dropIndexes });

const STATEMENTS = {
  update: { known: list('q u c multi upsert hint collation arrayFilters sort sampleId'), required: ['q', 'u'] },
  delete: { known: list('q limit hint collation sampleId'), required: ['q', 'limit'] },
};

/** Throws UnknownField for a field that the command does not know. */
export function refuseUnknownFields(command: string, body: Document): void {
  const known = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (!known) return;
  const unknown = Object.keys(body).find((field) => !known.has(field) && !GENERIC.has(field));
  if (unknown !== undefined) throw unknownField(`${command}.${unknown}`);
}

/** A statement that lacks a field, or has one too many, fails its whole command before any is run. */
export function checkStatements(command: 'update' | 'delete', statements: Document[]): void {
  const { known, required } = STATEMENTS[command];
  for (const statement of statements) {
    const path = `${command}.${command}s`;
    const unknown = Object.keys(statement).find((field) => !known.has(field));
    if (unknown !== undefined) throw unknownField(`${path}.${unknown}`);
    const absent = required.find((field) => !Object.hasOwn(statement, field));
    if (absent !== undefined) throw missingField(`${path}.${absent}`);
  }
}

function unknownField(field: string): MongoError {
  return new MongoError(Code.UnknownField, `BSON field '${field}' is an unknown field.`);
}

export function missingField(field: string): MongoError {
  return new MongoError(Code.MissingField, `BSON field '${field}' is missing but a required field`);
}
