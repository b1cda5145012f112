import type { Database, Key, RootDatabase } from 'lmdb';
import type { Frame } from './frame.js';
import { decodeEntry, encodeEntry, type LogEntry, logKey, offsetOf } from './log-entry.js';
import { Pending } from './pending.js';
import type { PendingLog } from './pending-log.js';
import { type JournalPosition, journalStart } from './replay.js';
import type { StateKey } from './write-batch.js';

const positionKey: Key = ['meta', 'journal'];
const fileKey = (number: number): Key => ['file', number];
interface FileRecord {
  readonly liveBytes: number;
}

/** What a transaction has taken in. */
interface Taken {
  readonly position: JournalPosition;
  readonly changes: number;
  readonly files: readonly number[];
}

export interface StateEntry<T> {
  readonly key: StateKey;
  readonly value: T;
}

/**
 * Where each batch lies, and all that is no batch, in LMDB. It follows the data files: a commit is `pending` here, and
 * seen by readers, from when it is on disk until a transaction has taken it in, together with many others.
 */
export class LogIndex {
  readonly #root: RootDatabase<unknown, Key>;
  readonly #log: Database<Buffer, Buffer>;
  readonly #state: Database<unknown, Key>;
  readonly #pending = new Pending();
  readonly #liveBytes = new Map<number, number>();
  readonly #changedFiles = new Set<number>();
  #pendingChanges = 0;
  #applied = journalStart;
  #stored = journalStart;

  constructor(root: RootDatabase<unknown, Key>, state: Database<unknown, Key>) {
    this.#root = root;
    this.#state = state;
    this.#log = root.openDB<Buffer, Buffer>({ name: 'log', encoding: 'binary', keyEncoding: 'binary' });
  }

  /** Reads where it stands, once the data are this process's. */
  load(): void {
    this.#applied = (this.#state.get(positionKey) as JournalPosition | undefined) ?? journalStart;
    this.#stored = this.#applied;
    for (const { key, value } of this.statesUnder<FileRecord>(['file'])) {
      this.#liveBytes.set(Number(key[1]), value.liveBytes);
    }
  }

  /** Up to where the data files are in the index, with and without what is pending. */
  get applied(): JournalPosition {
    return this.#applied;
  }
  get stored(): JournalPosition {
    return this.#stored;
  }
  get pendingChanges(): number {
    return this.#pendingChanges;
  }
  get isStored(): boolean {
    return this.#applied.sequence === this.#stored.sequence;
  }

  liveBytesOf(file: number): number {
    return this.#liveBytes.get(file) ?? 0;
  }

  liveFiles(): number[] {
    return [...this.#liveBytes.keys()];
  }

  /** Takes in a commit that is on disk at this place; every one once, and in order. */
  apply(frame: Frame, file: number, position: number): void {
    for (const change of frame.logs) {
      if (change.kind === 'remove') {
        this.#setEntry(change.partitionId, change.baseOffset, null, frame.sequence);
        continue;
      }
      const place = { file, position: position + change.start, bytes: change.bytes };
      const entry = { ...change.facts, place };
      if (change.kind === 'replace') this.#setEntry(entry.partitionId, entry.baseOffset, entry, frame.sequence);
      else this.#addEntry(entry, frame.sequence);
    }
    for (const write of frame.states) this.#pending.setState(write, frame.sequence);
    this.#pendingChanges += frame.logs.length + frame.states.length;
    this.#applied = { file, position: position + frame.bytes, sequence: frame.sequence + 1 };
  }

  forgetFile(number: number): void {
    this.#liveBytes.delete(number);
    this.#changedFiles.add(number);
  }

  /** Stores all that is pending in one durable transaction, made by another thread. */
  async store(): Promise<void> {
    const taken: Taken[] = [];
    try {
      await this.#root.batch(() => void taken.push(this.#write()));
    } catch (error) {
      for (const { files } of taken) for (const file of files) this.#changedFiles.add(file);
      throw error;
    }
    for (const one of taken) this.#forget(one);
  }

  /** As `store`, at once. */
  storeNow(): void {
    this.#forget(this.#root.transactionSync(() => this.#write()));
  }

  entry(partitionId: number, offset: number): LogEntry | undefined {
    const pending = this.#pending.log(partitionId).get(offset);
    if (pending !== undefined) return pending ?? undefined;
    const key = logKey(partitionId, offset);
    const value = this.#log.get(key);
    return value === undefined ? undefined : decodeEntry(key, value);
  }

  /** The batches whose base offset is in [from, to), in order, looked up as they are asked for. */
  *range(partitionId: number, from: number, to: number): Generator<LogEntry> {
    const log = this.#pending.log(partitionId);
    const offsets = log.offsetsIn(from, to);
    let next = 0;
    for (const { key, value } of this.#log.getRange({
      start: logKey(partitionId, from),
      end: logKey(partitionId, to),
    })) {
      const offset = offsetOf(key);
      for (; next < offsets.length && (offsets[next] ?? 0) < offset; next += 1) yield* pendingAt(log, offsets[next]);
      if (offsets[next] !== offset) yield decodeEntry(key, value);
    }
    for (; next < offsets.length; next += 1) yield* pendingAt(log, offsets[next]);
  }

  /** The last batch whose base offset is at or below `offset`. */
  atOrBefore(partitionId: number, offset: number): LogEntry | undefined {
    const log = this.#pending.log(partitionId);
    const pending = log.lastAtOrBelow(offset);
    if (pending?.baseOffset === offset) return pending;
    const range = this.#log.getRange({
      start: logKey(partitionId, offset),
      end: logKey(partitionId, pending?.baseOffset ?? 0),
      inclusiveEnd: true,
      reverse: true,
    });
    for (const { key, value } of range) {
      if (log.get(offsetOf(key)) === undefined) return decodeEntry(key, value);
    }
    return pending;
  }

  state(key: StateKey): unknown {
    const pending = this.#pending.state(key);
    return pending === undefined ? this.#state.get([...key]) : pending.value;
  }

  /** State below a prefix of the key, in key order but for what is pending. */
  *statesUnder<T>(prefix: StateKey): Generator<StateEntry<T>> {
    const pending = this.#pending.statesUnder(prefix);
    const hidden = new Set(pending.map(({ key }) => JSON.stringify(key)));
    for (const { key, value } of this.#state.getRange({ start: [...prefix], end: [...prefix, afterEverything] })) {
      if (hidden.size > 0 && hidden.has(JSON.stringify(key))) continue;
      yield { key: key as StateKey, value: value as T };
    }
    for (const { key, value } of pending) if (value !== undefined) yield { key, value: value as T };
  }

  #addEntry(entry: LogEntry, sequence: number): void {
    this.#pending.setEntry(entry.partitionId, entry.baseOffset, entry, sequence);
    this.#count(entry.place.file, entry.place.bytes);
  }

  #setEntry(partitionId: number, offset: number, entry: LogEntry | null, sequence: number): void {
    const before = this.entry(partitionId, offset);
    if (before !== undefined) this.#count(before.place.file, -before.place.bytes);
    if (entry !== null) this.#addEntry(entry, sequence);
    else this.#pending.setEntry(partitionId, offset, null, sequence);
  }

  #count(file: number, bytes: number): void {
    this.#liveBytes.set(file, this.liveBytesOf(file) + bytes);
    this.#changedFiles.add(file);
  }

  #write(): Taken {
    for (const { partitionId, offset, entry } of this.#pending.entries()) {
      const key = logKey(partitionId, offset);
      void (entry === null ? this.#log.remove(key) : this.#log.put(key, encodeEntry(entry)));
    }
    for (const { key, value } of this.#pending.states()) {
      void (value === undefined ? this.#state.remove([...key]) : this.#state.put([...key], value));
    }
    const files = [...this.#changedFiles];
    this.#changedFiles.clear();
    for (const file of files) {
      const liveBytes = this.#liveBytes.get(file);
      void (liveBytes === undefined
        ? this.#state.remove(fileKey(file))
        : this.#state.put(fileKey(file), { liveBytes } satisfies FileRecord));
    }
    void this.#state.put(positionKey, this.#applied);
    return { position: this.#applied, changes: this.#pendingChanges, files };
  }

  #forget({ position, changes }: Taken): void {
    this.#stored = position;
    this.#pendingChanges -= changes;
    this.#pending.drop(position.sequence - 1);
  }
}

function* pendingAt(log: PendingLog, offset: number | undefined): Generator<LogEntry> {
  const entry = offset === undefined ? undefined : log.get(offset);
  if (entry !== undefined && entry !== null) yield entry;
}

/** Sorts behind every string and number in lmdb's key order. */
const afterEverything = '\u{10ffff}';
