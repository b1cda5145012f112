import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, type Key, open, type RootDatabase } from 'lmdb';
import { isNewOrLmdbFile } from '#embedded-disk';
import { DataVersionError, StorageError } from '../errors.js';
import { DataFiles } from './data-files.js';
import { type Disk, nodeDisk } from './disk.js';
import { deadFiles, type FileFacts, sparseFiles } from './file-policy.js';
import { FlushPace } from './flush-pace.js';
import { encodeFrame, type Frame } from './frame.js';
import type { LogEntry, Place } from './log-entry.js';
import { LogIndex, type StateEntry } from './log-index.js';
import { Scratch } from './scratch.js';
import { readBatches, type StoredBatch } from './read-batches.js';
import type { StateKey, WriteBatch } from './write-batch.js';

export const dataFormat = '2';
const fileName = 'kafka.mdb';
const formatKey: Key = ['meta', 'format'];

/** What the log needs of its store; tests put their own in front of it to delay or fail a flush. */
export interface DurableStore {
  /** Resolves when the writes are on disk. Rejects with StorageError, and then none of them counts. */
  commit(batch: WriteBatch): Promise<void>;
}

export interface StorageOptions {
  readonly disk: Disk;
  /** Size of a data file. */
  readonly fileBytes: number;
  /** For how long commits gather before the index takes them in. */
  readonly indexDelayMs: number;
  /** So many changes are taken in before the time is up: a longer transaction would hold up requests. */
  readonly manyChanges: number;
  /** So many are never left pending: producers wait for the index. */
  readonly tooManyChanges: number;
}

const retryDelayMs = 1_000;
const defaults: StorageOptions = {
  disk: nodeDisk,
  fileBytes: 64 * 1024 * 1024,
  indexDelayMs: 250,
  manyChanges: 2_000,
  tooManyChanges: 50_000,
};

/**
 * The broker's data: every commit is one frame, appended to the data files and flushed once; LMDB holds the index,
 * and everything that is no record batch, and follows (ADR 6).
 */
export class Storage implements DurableStore {
  readonly #root: RootDatabase<unknown, Key>;
  readonly #state: Database<unknown, Key>;
  readonly #index: LogIndex;
  readonly #files: DataFiles;
  readonly #pace = new FlushPace();
  /** One commit is under way at a time. */
  readonly #scratch = new Scratch();
  readonly #dataDir: string;
  readonly #reserveBytes: number;
  readonly #options: StorageOptions;
  #broken: StorageError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> | undefined;

  /** `recover` comes next, when the data are this process's. Throws DataVersionError for another format's folder. */
  constructor(dataDir: string, reserveBytes: number, options: Partial<StorageOptions> = {}) {
    this.#dataDir = dataDir;
    this.#reserveBytes = reserveBytes;
    this.#options = { ...defaults, ...options };
    mkdirSync(dataDir, { recursive: true });
    this.#root = openFile(dataDir);
    this.#state = this.#root.openDB<unknown, Key>({ name: 'state', encoding: 'msgpack' });
    const found = this.#state.get(formatKey);
    if (found === undefined && this.#state.getKeysCount({ limit: 1 }) === 0) {
      this.#state.putSync(formatKey, dataFormat);
    } else if (found !== dataFormat) {
      void this.#root.close();
      throw new DataVersionError(dataDir, typeof found === 'string' ? found : 'unknown', dataFormat);
    }
    this.#index = new LogIndex(this.#root, this.#state);
    this.#files = new DataFiles(dataDir, this.#options);
  }

  /** Takes into the index what was acknowledged and had not reached it. Throws StorageError when some of it is lost. */
  recover(): void {
    this.#index.load();
    try {
      for (const { frame, file, position } of this.#files.recover(this.#index.stored)) {
        this.#index.apply(frame, file, position);
        if (this.#index.pendingChanges >= this.#options.tooManyChanges) this.#index.storeNow();
      }
      this.#index.storeNow();
    } catch (error) {
      throw this.#failure('reading', error);
    }
    for (const number of this.#index.liveFiles()) {
      if (this.#files.has(number)) continue;
      if (this.#index.liveBytesOf(number) > 0)
        throw new StorageError(`data file ${number} of ${this.#dataDir} is missing`);
      this.#index.forgetFile(number);
    }
  }

  get dataDir(): string {
    return this.#dataDir;
  }

  /** Commits so far, those before the last start included. */
  get commitCount(): number {
    return this.#index.applied.sequence;
  }

  /** How large the disk is, and how much of it the broker may still use. */
  space(): { readonly totalBytes: number; readonly usableBytes: number } {
    const { blocks, bavail, bsize } = statfsSync(this.#dataDir);
    return { totalBytes: blocks * bsize, usableBytes: Math.max(0, bavail * bsize - this.#reserveBytes) };
  }

  async commit(batch: WriteBatch): Promise<void> {
    if (batch.wantedBytes > 0) this.#refuseWhenFull(batch.wantedBytes);
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#index.pendingChanges >= this.#options.tooManyChanges) await this.settle();
    const startMs = performance.now();
    const { frame, bytes } = encodeFrame(this.#index.applied.sequence, batch, (size) => this.#scratch.take(size));
    try {
      const place = await this.#files.append(bytes, frame.sequence, this.#pace.writesAtOnce(batch));
      this.#apply(frame, place);
    } catch (error) {
      throw this.#failure('writing to', error);
    }
    this.#pace.took(batch, performance.now() - startMs);
    this.#storeSoon();
  }

  #apply(frame: Frame, { file, position }: Omit<Place, 'bytes'>): void {
    try {
      this.#index.apply(frame, file, position);
    } catch (error) {
      // The commit is on disk, and here it is unknown: the next one would take its place. A restart finds it.
      this.#broken = this.#failure('reading', error);
      throw error;
    }
  }

  /** Resolves when the index has taken in, on disk, all that was committed before the call. */
  async settle(): Promise<void> {
    const { sequence } = this.#index.applied;
    while (this.#index.stored.sequence < sequence) {
      this.#storing ??= this.#store();
      await this.#storing;
    }
  }

  stateUnder<T>(prefix: StateKey): Generator<StateEntry<T>> {
    return this.#index.statesUnder<T>(prefix);
  }

  state<T>(key: StateKey): T | undefined {
    return this.#index.state(key) as T | undefined;
  }

  /**
   * Runs `change` alone among all processes that have the folder open; what it returns is stored durably. For keys that
   * no commit writes.
   */
  exchangeState<T extends object>(key: StateKey, change: (current: T | undefined) => T): T {
    return this.#root.transactionSync(() => {
      const next = change(this.#state.get([...key]) as T | undefined);
      this.#state.putSync([...key], next);
      return next;
    });
  }

  /** The batches of a partition whose base offset is in [from, to), in order; to be used up without waiting. */
  logRange(partitionId: number, from: number, to: number): Iterable<LogEntry> {
    return this.#index.range(partitionId, from, to);
  }

  /** The last batch whose base offset is at or below `offset`. */
  logAtOrBefore(partitionId: number, offset: number): LogEntry | undefined {
    return this.#index.atOrBefore(partitionId, offset);
  }

  logAt(partitionId: number, offset: number): LogEntry | undefined {
    return this.#index.entry(partitionId, offset);
  }

  /** The batches themselves, in the order of the entries. Throws StorageError when a file is shorter than it was. */
  read(entries: readonly LogEntry[]): StoredBatch[] {
    return readBatches(entries, (place) => this.#files.read(place));
  }

  /** Data files of which less than half is needed. */
  sparseFiles(): number[] {
    return sparseFiles(this.#fileFacts(), this.#index.stored.file);
  }

  /** What was ever written to a data file and is still needed, commit by commit; each to be used up without waiting. */
  *liveIn(file: number): Generator<readonly LogEntry[]> {
    for (const { frame, position } of this.#files.framesOf(file)) {
      yield frame.logs.flatMap((change) => {
        if (change.kind === 'remove') return [];
        const entry = this.logAt(change.facts.partitionId, change.facts.baseOffset);
        const isHere = entry?.place.file === file && entry.place.position === position + change.start;
        return isHere ? [entry] : [];
      });
    }
  }

  /** Deletes the data files in which nothing is needed. */
  removeDeadFiles(): void {
    for (const number of deadFiles(this.#fileFacts(), this.#index.stored.file)) {
      this.#files.remove(number);
      this.#index.forgetFile(number);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    // What cannot be stored now is taken from the data files at the next start.
    await this.settle().catch(() => undefined);
    clearTimeout(this.#timer);
    this.#files.close();
    await this.#root.close();
  }

  #fileFacts(): FileFacts[] {
    return this.#files.numbers.map((number) => {
      return { number, bytes: this.#files.sizeOf(number), liveBytes: this.#index.liveBytesOf(number) };
    });
  }

  #storeSoon(): void {
    if (this.#storing !== undefined) return;
    if (this.#index.pendingChanges >= this.#options.manyChanges) this.#storeNow();
    else this.#storeAfter(this.#options.indexDelayMs);
  }

  #storeAfter(delayMs: number): void {
    this.#timer ??= setTimeout(() => this.#storeNow(), delayMs).unref();
  }

  #storeNow(): void {
    this.#storing ??= this.#store();
    // Whoever needs it done calls `settle`, and is told.
    this.#storing.catch(() => undefined);
  }

  async #store(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await this.#index.store();
    } catch (error) {
      this.#storing = undefined;
      this.#storeAfter(retryDelayMs);
      throw new StorageError(`writing to ${this.#dataDir} failed: ${await reasonOf(error)}`, { cause: error });
    }
    this.#storing = undefined;
    if (!this.#index.isStored) this.#storeSoon();
  }

  #refuseWhenFull(wantedBytes: number): void {
    const { bavail, bsize } = statfsSync(this.#dataDir);
    if (bavail * bsize - wantedBytes > this.#reserveBytes) return;
    const freeMegabytes = Math.floor((bavail * bsize) / 1e6);
    throw new StorageError(
      `the disk is full: ${freeMegabytes} MB free at ${this.#dataDir}, ${Math.ceil(this.#reserveBytes / 1e6)} MB are kept in reserve`,
    );
  }

  #failure(what: string, error: unknown): StorageError {
    if (error instanceof StorageError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new StorageError(`${what} ${this.#dataDir} failed: ${reason}`, { cause: error });
  }
}

function openFile(dataDir: string): RootDatabase<unknown, Key> {
  const path = join(dataDir, fileName);
  if (!isNewOrLmdbFile(path)) throw new DataVersionError(dataDir, 'unknown', dataFormat);
  try {
    // Without overlapping sync a transaction resolves when it is on disk; only then its data files may be deleted.
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
