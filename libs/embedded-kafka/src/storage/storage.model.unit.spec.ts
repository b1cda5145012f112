import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchOfRecords, epochMs, type TestRecord } from '../../test/batches.js';
import { FakeClock } from '../../test/fake-clock.js';
import { observedDisk, writeHalf } from '../../test/observed-disk.js';
import { TemporaryLog } from '../../test/temporary-log.js';
import { compact } from '../cleaner/compaction.js';
import { reclaim } from '../cleaner/reclaim.js';
import { trim } from '../cleaner/retention.js';
import { recordsOf } from '../log/compression.js';
import type { Partition } from '../log/partition.js';
import { readHeader } from '../log/record-batch.js';
import { topicConfigOf } from '../log/topic-config.js';

const compacted = topicConfigOf({ 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0' });
const partitionIds = [1, 2] as const;
type PartitionId = (typeof partitionIds)[number];

interface Stored {
  readonly base: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
}

/** A partition's log as plain data. */
class ModelLog {
  records: Stored[] = [];
  logStart = 0;
  end = 0;

  append(records: readonly TestRecord[]): void {
    const base = this.end;
    for (const { key, value } of records) {
      this.records.push({ base, offset: this.end, key: String(key), value: String(value) });
      this.end += 1;
    }
  }

  /** A batch in which the log's start lies is left alone. */
  compact(): void {
    const last = new Map(this.records.map(({ key, offset }) => [key, offset]));
    this.records = this.records.filter(({ base, key, offset }) => base < this.logStart || last.get(key) === offset);
  }

  get seen() {
    const records = this.records.filter(({ offset }) => offset >= this.logStart);
    return {
      start: this.logStart,
      end: this.end,
      records: records.map((one) => `${one.offset} ${one.key}=${one.value}`),
    };
  }
}

const seenIn = (partition: Partition) => ({
  start: partition.logStart,
  end: partition.highWatermark,
  records: partition.read(partition.logStart, Number.MAX_SAFE_INTEGER, true).flatMap((batch) => {
    const header = readHeader(batch);
    const records = recordsOf(batch, header);
    const placed = records.map(({ raw, key, offsetDelta }) => ({ raw, key, offset: header.baseOffset + offsetDelta }));
    // The value is the only text behind the key's first letter.
    return placed
      .filter(({ offset }) => offset >= partition.logStart)
      .map(({ raw, key, offset }) => `${offset} ${String(key)}=${/v\d+/.exec(raw.toString('latin1'))?.[0]}`);
  }),
});

const record = fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.nat(999).map((number) => `v${number}`) });
const id = fc.constantFrom(...partitionIds);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constantFrom('append' as const, 'append-while-settling' as const),
      id,
      fc.array(record, { minLength: 1, maxLength: 5 }),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('fail-write' as const, 'fail-flush' as const), id) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('commit-offset' as const), id, fc.nat(99)) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('delete-records' as const), id, fc.double({ min: 0, max: 1, noNaN: true })),
  },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('trim' as const, 'compact' as const, 'drop' as const), id) },
  {
    weight: 8,
    arbitrary: fc.tuple(fc.constantFrom('reclaim' as const, 'settle' as const, 'crash' as const, 'restart' as const)),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A store with small files beside its model; the index takes in only what it is told to. */
class Pair {
  #failing: 'write' | 'flush' | null = null;
  readonly #log = new TemporaryLog((store) => store, {
    fileBytes: 1_000,
    indexDelayMs: 1e9,
    tooManyChanges: 12,
    disk: observedDisk({
      writing: (file, bytes, position) => {
        if (this.#failing !== 'write') return;
        writeHalf(file, bytes, position);
        throw new Error('no space');
      },
      flushing: () => {
        if (this.#failing === 'flush') throw new Error('input/output error');
      },
    }),
  });
  readonly #clock = new FakeClock(epochMs);
  readonly #models = new Map(partitionIds.map((one) => [one, new ModelLog()]));
  readonly #offsets = new Map<PartitionId, number>();
  #partitions = this.#recovered();

  async take(one: Step): Promise<void> {
    const [kind] = one;
    if (kind === 'append') return this.#append(one[1], one[2]);
    if (kind === 'append-while-settling') return this.#appendWhileSettling(one[1], one[2]);
    if (kind === 'commit-offset') return this.#commitOffset(one[1], one[2]);
    if (kind === 'delete-records') return this.#deleteRecords(one[1], one[2]);
    if (kind === 'fail-write' || kind === 'fail-flush')
      return this.#fail(one[1], kind === 'fail-write' ? 'write' : 'flush');
    if (kind === 'trim' || kind === 'compact' || kind === 'drop') return this.#clean(kind, one[1]);
    if (kind === 'reclaim') return reclaim(this.#parts);
    if (kind === 'settle') return this.#log.storage.settle();
    await (kind === 'crash' ? this.#log.crash() : this.#log.restart());
    this.#partitions = this.#recovered();
  }

  check(): void {
    for (const one of partitionIds) {
      this.#checkIndex(one);
      expect(seenIn(this.#partition(one))).toEqual(this.#model(one).seen);
      expect(this.#log.storage.state(['offset', one])).toEqual(
        this.#offsets.has(one) ? { offset: this.#offsets.get(one) } : undefined,
      );
    }
    expect([...this.#log.storage.stateUnder(['offset'])]).toHaveLength(this.#offsets.size);
  }

  /** However an entry is looked up, it is the same. */
  #checkIndex(one: PartitionId): void {
    const { storage } = this.#log;
    const entries = [...storage.logRange(one, 0, Number.MAX_SAFE_INTEGER)];
    for (let offset = 0; offset <= this.#model(one).end; offset += 1) {
      const before = entries.findLast(({ baseOffset }) => baseOffset <= offset);
      expect(storage.logAtOrBefore(one, offset)).toEqual(before);
      expect(storage.logAt(one, offset)).toEqual(before?.baseOffset === offset ? before : undefined);
      const [next] = storage.logRange(one, offset, Number.MAX_SAFE_INTEGER);
      expect(next).toEqual(entries.find(({ baseOffset }) => baseOffset >= offset));
    }
  }

  remove(): Promise<void> {
    return this.#log.remove();
  }

  get #parts() {
    const { storage, commits } = this.#log;
    return { storage, commits, clock: this.#clock, signal: new AbortController().signal };
  }

  #recovered(): Map<PartitionId, Partition> {
    return new Map(partitionIds.map((one) => [one, this.#log.recovered(one)]));
  }

  #partition(one: PartitionId): Partition {
    const partition = this.#partitions.get(one);
    if (partition === undefined) throw new Error('no such partition');
    return partition;
  }

  #model(one: PartitionId): ModelLog {
    const model = this.#models.get(one);
    if (model === undefined) throw new Error('no such partition');
    return model;
  }

  async #append(one: PartitionId, records: readonly TestRecord[]): Promise<void> {
    const batch = batchOfRecords(records);
    await this.#log.commits.submit((writes) =>
      this.#partition(one).prepareAppend(writes, batch, readHeader(batch), epochMs),
    );
    this.#model(one).append(records);
  }

  async #appendWhileSettling(one: PartitionId, records: readonly TestRecord[]): Promise<void> {
    const settled = this.#log.storage.settle();
    await this.#append(one, records);
    await settled;
  }

  async #fail(one: PartitionId, what: 'write' | 'flush'): Promise<void> {
    this.#failing = what;
    const model = this.#model(one);
    const before = model.seen;
    await expect(this.#append(one, [{ key: 'a', value: 'v0' }])).rejects.toThrow('failed');
    this.#failing = null;
    expect(model.seen).toEqual(before);
  }

  async #commitOffset(one: PartitionId, offset: number): Promise<void> {
    await this.#log.commits.submit((writes) => {
      writes.putState(['offset', one], { offset });
      return { result: undefined };
    });
    this.#offsets.set(one, offset);
  }

  async #deleteRecords(one: PartitionId, share: number): Promise<void> {
    const partition = this.#partition(one);
    const logStart = Math.max(partition.logStart, Math.floor(partition.highWatermark * share));
    await this.#log.commits.submit((writes) => partition.prepareMark(writes, { logStart }));
    this.#model(one).logStart = logStart;
  }

  async #clean(kind: 'trim' | 'compact' | 'drop', one: PartitionId): Promise<void> {
    if (kind === 'drop') await this.#deleteRecords(one, 1);
    if (kind !== 'compact') return trim(this.#parts, this.#partition(one));
    await compact(this.#parts, this.#partition(one), compacted);
    this.#model(one).compact();
  }
}

describe('the store against a model', () => {
  test('holds what a plain log in memory holds, whatever is written, cleaned, refused, killed and started again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        const pair = new Pair();
        try {
          for (const one of steps) {
            await pair.take(one);
            pair.check();
          }
        } finally {
          await pair.remove();
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
