import type { Prepared } from '../storage/commit-queue.js';
import type { LogEntry } from '../storage/log-entry.js';
import type { Storage } from '../storage/storage.js';
import type { WriteBatch } from '../storage/write-batch.js';
import { type AppendedBatch, judgeSequence, type ProducerEntry, remember } from './producer-state.js';
import { type BatchHeader, stampPosition } from './record-batch.js';

/** What is kept of a partition beside its batches; written when the log is cut, not at every append. */
export interface PartitionMark {
  readonly logStart: number;
  /** Lower bound of the next offset: needed when the log's last batch has been deleted. */
  readonly nextOffset: number;
  readonly totalBytes: number;
  readonly maxTimestamp: number;
  /** Up to where the log has been compacted. */
  readonly cleanedTo: number;
}

export type AppendOutcome =
  | { readonly kind: 'appended'; readonly baseOffset: number }
  | { readonly kind: 'duplicate'; readonly baseOffset: number; readonly timestamp: number }
  | { readonly kind: 'out-of-order' | 'fenced' };

const leaderEpoch = 0;
const markKey = (id: number): [string, number] => ['partition', id];
const producerKey = (id: number, producerId: number): [string, number, number] => ['producer', id, producerId];

/** One partition's log: the offsets in memory, the batches in the store. Consumers see what is below `highWatermark`. */
export class Partition {
  #logStart = 0;
  #nextOffset = 0;
  #highWatermark = 0;
  #totalBytes = 0;
  #maxTimestamp = -1;
  #cleanedTo = 0;
  readonly #producers = new Map<number, ProducerEntry>();
  readonly #watchers = new Set<(addedBytes: number) => void>();
  #deleted = false;

  constructor(
    readonly id: number,
    readonly topic: string,
    readonly index: number,
    private readonly storage: Storage,
  ) {}

  get logStart(): number {
    return this.#logStart;
  }
  get highWatermark(): number {
    return this.#highWatermark;
  }
  get maxTimestamp(): number {
    return this.#maxTimestamp;
  }
  get cleanedTo(): number {
    return this.#cleanedTo;
  }
  get producers(): ReadonlyMap<number, ProducerEntry> {
    return this.#producers;
  }
  get isDeleted(): boolean {
    return this.#deleted;
  }

  /** Finds the log's ends again after a start; reads two entries, whatever the log's length. */
  recover(): void {
    const mark = this.storage.state<PartitionMark>(markKey(this.id));
    if (mark !== undefined) {
      this.#logStart = mark.logStart;
      this.#nextOffset = mark.nextOffset;
      this.#totalBytes = mark.totalBytes;
      this.#maxTimestamp = mark.maxTimestamp;
      this.#cleanedTo = mark.cleanedTo;
    }
    const last = this.storage.logAtOrBefore(this.id, Number.MAX_SAFE_INTEGER);
    if (last !== undefined) {
      this.#nextOffset = Math.max(this.#nextOffset, last.lastOffset + 1);
      this.#totalBytes = Math.max(this.#totalBytes, last.totalBytes);
      this.#maxTimestamp = Math.max(this.#maxTimestamp, last.maxTimestampSoFar);
    }
    this.#highWatermark = this.#nextOffset;
    for (const { key, value } of this.storage.stateUnder<ProducerEntry>(['producer', this.id])) {
      this.#producers.set(Number(key[2]), value);
    }
  }

  /** Part of a commit: gives the batch its offset. It becomes visible when the commit is on disk. */
  prepareAppend(writes: WriteBatch, batch: Buffer, header: BatchHeader, nowMs: number): Prepared<AppendOutcome> {
    const known = this.#producers.get(header.producerId);
    const verdict = header.producerId < 0 ? null : judgeSequence(known, header);
    if (verdict?.kind === 'duplicate') {
      const { baseOffset, timestamp } = verdict.of;
      return { result: { kind: 'duplicate', baseOffset, timestamp } };
    }
    if (verdict !== null && verdict.kind !== 'append') return { result: { kind: verdict.kind } };

    const before = { nextOffset: this.#nextOffset, totalBytes: this.#totalBytes, maxTimestamp: this.#maxTimestamp };
    const baseOffset = before.nextOffset;
    stampPosition(batch, baseOffset, leaderEpoch);
    this.#nextOffset += header.recordCount;
    this.#totalBytes += batch.length;
    this.#maxTimestamp = Math.max(this.#maxTimestamp, header.maxTimestamp);
    const facts = {
      partitionId: this.id,
      baseOffset,
      lastOffset: this.#nextOffset - 1,
      maxTimestamp: header.maxTimestamp,
      totalBytes: this.#totalBytes,
      maxTimestampSoFar: this.#maxTimestamp,
    };
    writes.appendLog(facts, batch);
    if (verdict !== null) {
      const { baseSequence: firstSequence, maxTimestamp: timestamp } = header;
      const appended = { firstSequence, lastSequence: verdict.lastSequence, baseOffset, timestamp };
      this.#rememberProducer(writes, header, appended, nowMs);
    }
    const visibleUpTo = this.#nextOffset;
    return {
      result: { kind: 'appended', baseOffset },
      committed: () => this.#advance(visibleUpTo, batch.length),
      undo: () => {
        this.#nextOffset = before.nextOffset;
        this.#totalBytes = before.totalBytes;
        this.#maxTimestamp = before.maxTimestamp;
        if (known !== undefined) this.#producers.set(header.producerId, known);
        else this.#producers.delete(header.producerId);
      },
    };
  }

  /** Part of a commit: moves the log's start; the batches below it are removed by the caller. */
  prepareMark(writes: WriteBatch, change: { logStart?: number; cleanedTo?: number }): Prepared<void> {
    const logStart = Math.max(this.#logStart, change.logStart ?? 0);
    const cleanedTo = Math.max(this.#cleanedTo, change.cleanedTo ?? 0);
    writes.putState(markKey(this.id), {
      logStart,
      nextOffset: this.#nextOffset,
      totalBytes: this.#totalBytes,
      maxTimestamp: this.#maxTimestamp,
      cleanedTo,
    } satisfies PartitionMark);
    return {
      result: undefined,
      committed: () => {
        this.#logStart = logStart;
        this.#cleanedTo = cleanedTo;
      },
    };
  }

  /** Part of a commit: forgets a producer that has been silent for long. */
  prepareForget(writes: WriteBatch, producerId: number): Prepared<void> {
    writes.removeState(producerKey(this.id, producerId));
    return { result: undefined, committed: () => this.#producers.delete(producerId) };
  }

  /** Calls `watcher` with the bytes added at every append that has become visible, and once when deleted. */
  watch(watcher: (addedBytes: number) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  markDeleted(): void {
    this.#deleted = true;
    for (const watcher of this.#watchers) watcher(Number.POSITIVE_INFINITY);
  }

  /** Batches from the one that contains `offset` on, up to `maxBytes`; the first one is given even if it is larger. */
  read(offset: number, maxBytes: number, alwaysOne: boolean): Buffer[] {
    // Consumers at the end of the log, which most are most of the time, cost no look into the store.
    if (offset >= this.#highWatermark) return [];
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (const entry of this.storage.logRange(this.id, this.#startOf(offset), this.#highWatermark)) {
      if (bytes + entry.place.bytes > maxBytes && !(alwaysOne && entries.length === 0)) break;
      entries.push(entry);
      bytes += entry.place.bytes;
      if (bytes >= maxBytes) break;
    }
    return this.storage.read(entries).map(({ batch }) => batch);
  }

  /** The bytes of the batches from `offset` on, as they were appended: what compaction has saved still counts. */
  bytesFrom(offset: number): number {
    for (const { totalBytes, place } of this.storage.logRange(this.id, this.#startOf(offset), this.#highWatermark)) {
      return this.#totalBytes - totalBytes + place.bytes;
    }
    return 0;
  }

  /** The base offset of the batch in which `offset` lies, or `offset` where no batch contains it. */
  #startOf(offset: number): number {
    const before = this.storage.logAtOrBefore(this.id, offset);
    return before !== undefined && before.lastOffset >= offset ? before.baseOffset : offset;
  }

  #advance(visibleUpTo: number, addedBytes: number): void {
    this.#highWatermark = visibleUpTo;
    for (const watcher of this.#watchers) watcher(addedBytes);
  }

  #rememberProducer(writes: WriteBatch, header: BatchHeader, appended: AppendedBatch, nowMs: number): void {
    const entry = remember(this.#producers.get(header.producerId), header.producerEpoch, appended, nowMs);
    this.#producers.set(header.producerId, entry);
    writes.putState(producerKey(this.id, header.producerId), entry);
  }
}
