/** A unique key is taken: the document's id, or a value under a unique index. */
export class DuplicateKeyError extends Error {
  readonly code = 'PERSISTENCE.DUPLICATE_KEY';

  /** @param index the index's name where the server tells it (not all do); `_id_` for the id itself. */
  constructor(
    readonly collection: string,
    readonly index?: string,
  ) {
    super(`a unique key is taken in ${collection}${index === undefined ? '' : ` (${index})`}`);
    this.name = 'DuplicateKeyError';
  }
}

/** An aggregate has as many unpublished events as it may have: the broker is away, or a writer runs wild. Try again later. */
export class OutboxFullError extends Error {
  readonly code = 'PERSISTENCE.OUTBOX_FULL';

  constructor(readonly aggregateId: string) {
    super(`${aggregateId} has too many unpublished events`);
    this.name = 'OutboxFullError';
  }
}

/** Too many writers wanted one aggregate at the same moment, and this one lost each time. Try again. */
export class ContentionError extends Error {
  readonly code = 'PERSISTENCE.CONTENTION';

  constructor(readonly aggregateId: string) {
    super(`${aggregateId} was changed by others at each attempt`);
    this.name = 'ContentionError';
  }
}

/** An event does not have the shape that its contract promises: a defect of the writer. Nothing was written. */
export class InvalidEventError extends Error {
  readonly code = 'PERSISTENCE.INVALID_EVENT';

  constructor(
    readonly type: string,
    reason: string,
  ) {
    super(`${type}: ${reason}`);
    this.name = 'InvalidEventError';
  }
}

/** A cursor that this list never gave. */
export class InvalidCursorError extends Error {
  readonly code = 'PERSISTENCE.INVALID_CURSOR';

  constructor() {
    super('is not a cursor of this list');
    this.name = 'InvalidCursorError';
  }
}

const DUPLICATE_KEY = 11_000;
/** Conflicts, elections and shutdowns of a MongoDB server: https://github.com/mongodb/specifications, retryable writes. */
const TRANSIENT_CODES = new Set([6, 7, 89, 91, 112, 189, 262, 9001, 10_107, 11_600, 11_602, 13_435, 13_436]);
const TRANSIENT_NAMES =
  /^(MongoNetwork|MongoServerSelection|MongoTopologyClosed|MongoPoolCleared|MongoWaitQueueTimeout|MongoNotConnected|MongooseServerSelection|MongoOperationTimeout)/;

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

export const isDuplicateKey = (error: unknown): boolean => codeOf(error) === DUPLICATE_KEY;

/** Of an unordered bulk write: whether nothing but duplicate keys failed. Its own code is that of the first failure only. */
export function areAllDuplicateKeys(error: unknown): boolean {
  if (!isDuplicateKey(error)) return false;
  const failures = error instanceof Error && 'writeErrors' in error ? error.writeErrors : undefined;
  return !Array.isArray(failures) || failures.every(isDuplicateKey);
}

/** The name of the index that a duplicate key error is about, where the server's message has it. */
export function duplicateIndexOf(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : '';
  return /index: (?:\S+\.\$)?(\S+)/.exec(message)?.[1];
}

/** How far causes are followed: one may be its own. */
const CAUSES = 10;

/** Whether the database was away or busy, so that the same command may succeed later. */
export function isTransientDatabaseError(thrown: unknown): boolean {
  let error = thrown;
  for (let depth = 0; depth < CAUSES && error instanceof Error; depth++) {
    if (isTransient(error)) return true;
    error = error.cause;
  }
  return false;
}

function isTransient(error: Error): boolean {
  if (error instanceof ContentionError || error instanceof OutboxFullError) return true;
  const code = codeOf(error);
  if (typeof code === 'number' && TRANSIENT_CODES.has(code)) return true;
  return TRANSIENT_NAMES.test(error.name) || isUnansweredBulkWrite(error);
}

/**
 * The driver (7.x) makes a MongoBulkWriteError of a lost connection, too, and keeps nothing of it but the message. What a
 * server has answered has a code; what can't be sent as BSON fails before.
 */
const isUnansweredBulkWrite = (error: Error): boolean =>
  error.name === 'MongoBulkWriteError' && codeOf(error) === undefined;
