export { AggregateRepository } from './aggregate.repository.js';
export type {
  AggregateDocument,
  Decision,
  EventsListener,
  FindOptions,
  Outcome,
  StoreFields,
  Stored,
  WriteOptions,
} from './aggregate.repository.js';
export { eachOnce } from './each-once.js';
export { DocumentCollection } from './collection.js';
export type { CollectionDefinition, IndexSpec, WithId } from './collection.js';
export { connectDatabase, databaseName, databaseTime, pingDatabase } from './connection.js';
export type { DatabaseOptions } from './connection.js';
export { decodeCursor, encodeCursor } from './cursor.js';
export { DATABASE, DatabaseModule, InjectDatabase } from './database.module.js';
export {
  areAllDuplicateKeys,
  ContentionError,
  DuplicateKeyError,
  InvalidCursorError,
  InvalidEventError,
  isDuplicateKey,
  isTransientDatabaseError,
  OutboxFullError,
} from './errors.js';
export { InboxStore } from './inbox.store.js';
export { KeyedQueue } from './keyed-queue.js';
export { placeOf, toPage } from './keyset-page.js';
export { LeaseStore } from './lease.store.js';
export type { Lease } from './lease.store.js';
export { OUTBOX_LIMITS, writeContext } from './outbox.js';
export type { OutboxEntry } from './outbox.js';
export { ProjectionCollection } from './projection.collection.js';
export type { Applied, NewerCopy, ProjectionFields } from './projection.collection.js';
export { newestTold, restoredFrom } from './restored.js';
export type { KnownState, Restored } from './restored.js';
export { queryTerms, searchTerms } from './search-terms.js';
