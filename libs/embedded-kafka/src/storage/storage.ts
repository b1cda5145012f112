import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { open, type Database, type Key, type RootDatabase } from 'lmdb';
import { DataVersionError, StorageError } from '../errors.js';
import { isNewOrLmdbFile } from './file-check.js';
import { FlushPace } from './flush-pace.js';
import { logKey } from './log-key.js';
import type { StateKey, WriteBatch } from './write-batch.js';

export const dataFormat = '1';
const fileName = 'kafka.mdb';
const formatKey: Key = ['meta', 'format'];

/** What the log needs of its store; tests put their own in front of it to delay or fail a flush. */
export interface DurableStore {
  /** Resolves when the writes are on disk. Rejects with StorageError, and then none of them is. */
  commit(batch: WriteBatch): Promise<void>;
}

export interface LogEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** The broker's data in one LMDB file: record batches under (partition, offset), and everything else as state. */
export class Storage implements DurableStore {
  readonly #root: RootDatabase<unknown, Key>;
  readonly #log: Database<Buffer, Buffer>;
  readonly #state: Database<unknown, Key>;
  readonly #pace = new FlushPace();
  readonly #dataDir: string;
  readonly #reserveBytes: number;

  /** Throws DataVersionError when the folder holds something else than this format. */
  constructor(dataDir: string, reserveBytes: number) {
    this.#dataDir = dataDir;
    this.#reserveBytes = reserveBytes;
    mkdirSync(dataDir, { recursive: true });
    this.#root = openFile(dataDir);
    this.#log = this.#root.openDB<Buffer, Buffer>({ name: 'log', encoding: 'binary', keyEncoding: 'binary' });
    this.#state = this.#root.openDB<unknown, Key>({ name: 'state', encoding: 'msgpack' });
    const found = this.#state.get(formatKey);
    if (found === undefined && this.#state.getKeysCount({ limit: 1 }) === 0) {
      this.#state.putSync(formatKey, dataFormat);
    } else if (found !== dataFormat) {
      void this.#root.close();
      throw new DataVersionError(dataDir, typeof found === 'string' ? found : 'unknown', dataFormat);
    }
  }

  async commit(batch: WriteBatch): Promise<void> {
    if (batch.logBytes > 0) this.#refuseWhenFull(batch.logBytes);
    const startMs = performance.now();
    try {
      if (this.#pace.writesAtOnce(batch)) this.#root.transactionSync(() => this.#write(batch));
      else await this.#root.batch(() => this.#write(batch));
    } catch (error) {
      throw new StorageError(`writing to ${this.#dataDir} failed: ${await reasonOf(error)}`, { cause: error });
    }
    this.#pace.took(batch, performance.now() - startMs);
  }

  /** State below a prefix of the key, in key order. */
  *stateUnder<T>(prefix: StateKey): Generator<{ key: (string | number)[]; value: T }> {
    const start = [...prefix];
    const end = [...prefix, afterEverything];
    for (const { key, value } of this.#state.getRange({ start, end })) {
      yield { key: key as (string | number)[], value: value as T };
    }
  }

  state<T>(key: StateKey): T | undefined {
    return this.#state.get([...key]) as T | undefined;
  }

  /** Runs `change` alone among all processes that have the file open; what it returns is stored durably. */
  exchangeState<T extends object>(key: StateKey, change: (current: T | undefined) => T): T {
    return this.#root.transactionSync(() => {
      const next = change(this.#state.get([...key]) as T | undefined);
      this.#state.putSync([...key], next);
      return next;
    });
  }

  removeState(key: StateKey): void {
    this.#state.removeSync([...key]);
  }

  /** The batches of a partition whose base offset is in [from, to), in order, read as they are asked for. */
  logRange(partitionId: number, from: number, to: number): Iterable<LogEntry> {
    return this.#log.getRange({ start: logKey(partitionId, from), end: logKey(partitionId, to) });
  }

  /** The last batch whose base offset is at or below `offset`. */
  logAtOrBefore(partitionId: number, offset: number): LogEntry | undefined {
    const range = this.#log.getRange({
      start: logKey(partitionId, offset),
      end: logKey(partitionId, 0),
      inclusiveEnd: true,
      reverse: true,
      limit: 1,
    });
    for (const entry of range) return entry;
    return undefined;
  }

  logHas(partitionId: number, offset: number): boolean {
    return this.#log.doesExist(logKey(partitionId, offset));
  }

  /** Base offsets alone, in order. */
  logKeys(partitionId: number, from: number, to: number, limit: number): Iterable<Buffer> {
    return this.#log.getKeys({ start: logKey(partitionId, from), end: logKey(partitionId, to), limit });
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  #write({ writes }: WriteBatch): void {
    for (const write of writes) {
      if (write.table === 'log') {
        void (write.value === undefined ? this.#log.remove(write.key) : this.#log.put(write.key, write.value));
      } else {
        void (write.value === undefined ? this.#state.remove(write.key) : this.#state.put(write.key, write.value));
      }
    }
  }

  #refuseWhenFull(wantedBytes: number): void {
    const { bavail, bsize } = statfsSync(this.#dataDir);
    if (bavail * bsize - wantedBytes > this.#reserveBytes) return;
    const freeMegabytes = Math.floor((bavail * bsize) / 1e6);
    throw new StorageError(
      `the disk is full: ${freeMegabytes} MB free at ${this.#dataDir}, ${Math.ceil(this.#reserveBytes / 1e6)} MB are kept in reserve`,
    );
  }
}

/** Sorts behind every string and number in lmdb's key order. */
const afterEverything = '\u{10ffff}';

function openFile(dataDir: string): RootDatabase<unknown, Key> {
  const path = join(dataDir, fileName);
  if (!isNewOrLmdbFile(path)) throw new DataVersionError(dataDir, 'unknown', dataFormat);
  try {
    // Without overlapping sync a commit resolves when it is on disk, which is what an acknowledgement means.
    return open<unknown, Key>({ path, overlappingSync: false, maxDbs: 4 });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    if (/invalid|version|not an LMDB/i.test(cause))
      throw new DataVersionError(dataDir, `unknown (${cause})`, dataFormat);
    throw new StorageError(`${dataDir} cannot be opened: ${cause}`, { cause: error });
  }
}

/** lmdb rejects with a general error that carries the real one as a promise. */
async function reasonOf(error: unknown): Promise<string> {
  const inner: unknown = error instanceof Error && 'commitError' in error ? error.commitError : undefined;
  try {
    await inner;
  } catch (reason) {
    return reason instanceof Error ? reason.message : String(reason);
  }
  return error instanceof Error ? error.message : String(error);
}
