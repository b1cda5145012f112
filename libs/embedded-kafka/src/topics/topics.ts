import { randomUUID } from 'node:crypto';
import { type Clock, elapsed } from '../clock.js';
import { Partition } from '../log/partition.js';
import { topicConfigOf, type ConfigValues, type TopicConfig } from '../log/topic-config.js';
import type { CommitQueue, Prepared } from '../storage/commit-queue.js';
import type { Storage } from '../storage/storage.js';
import type { WriteBatch } from '../storage/write-batch.js';
import { collides } from './topic-name.js';

export interface Topic {
  readonly name: string;
  readonly partitions: readonly Partition[];
  /** What was set on the topic; everything else has the broker's default. */
  readonly values: ConfigValues;
  readonly config: TopicConfig;
}

/**
 * As Kafka's controller (controller.quorum.append.linger.ms, 25 there): topics that are created within a moment share a
 * flush. kafkajs's own tests count on it that a creation takes longer than a millisecond.
 */
const gatherMs = 5;

/** A topic as it is stored under ['topic', name]. */
interface TopicRecord {
  readonly partitionIds: readonly number[];
  readonly values: ConfigValues;
  readonly createdMs: number;
}

const countersKey = ['meta', 'counters'] as const;
interface Counters {
  readonly nextPartitionId: number;
  readonly nextProducerId: number;
}

/** The topics that exist. A change is made in memory when it is on disk. */
export class Topics {
  readonly #storage: Storage;
  readonly #commits: CommitQueue;
  readonly #clock: Clock;
  readonly #topics = new Map<string, Topic & { readonly createdMs: number }>();
  #counters: Counters;
  readonly clusterId: string;

  constructor(storage: Storage, commits: CommitQueue, clock: Clock) {
    this.#storage = storage;
    this.#commits = commits;
    this.#clock = clock;
    this.#counters = storage.state<Counters>(countersKey) ?? { nextPartitionId: 1, nextProducerId: 1 };
    this.clusterId = storage.exchangeState<{ id: string }>(['meta', 'cluster'], (known) => {
      return known ?? { id: randomUUID().replaceAll('-', '').slice(0, 22) };
    }).id;
    for (const { key, value } of storage.stateUnder<TopicRecord>(['topic'])) {
      const name = String(key[1]);
      const partitions = value.partitionIds.map((id, index) => this.#partition(id, name, index));
      for (const partition of partitions) partition.recover();
      this.#put(name, partitions, value.values, value.createdMs);
    }
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  all(): Topic[] {
    return [...this.#topics.values()];
  }

  partition(topic: string, index: number): Partition | undefined {
    return this.#topics.get(topic)?.partitions[index];
  }

  /** Another topic that differs from `name` by dots and underscores only. */
  colliding(name: string): string | undefined {
    for (const existing of this.#topics.keys()) if (collides(existing, name)) return existing;
    return undefined;
  }

  /** Resolves to false when the topic exists already. */
  async create(name: string, partitionCount: number, values: ConfigValues): Promise<boolean> {
    await elapsed(this.#clock, gatherMs);
    return this.#commits.submit<boolean>((writes) => {
      if (this.#topics.has(name)) return { result: false };
      const ids = this.#takePartitionIds(writes, partitionCount);
      const partitions = ids.map((id, index) => this.#partition(id, name, index));
      return this.#prepare(writes, name, partitions, values, this.#clock.now());
    });
  }

  /**
   * Resolves to false when the topic is unknown. `alongside` adds what is to vanish with it. The batches are removed
   * afterwards by the cleaner.
   */
  delete(name: string, alongside: (writes: WriteBatch) => void): Promise<boolean> {
    return this.#commits.submit<boolean>((writes) => {
      const topic = this.#topics.get(name);
      if (topic === undefined) return { result: false };
      writes.removeState(['topic', name]);
      alongside(writes);
      for (const { id } of topic.partitions) writes.putState(['garbage', id], {});
      this.#topics.delete(name);
      const committed = () => topic.partitions.forEach((partition) => partition.markDeleted());
      return { result: true, committed, undo: () => this.#topics.set(name, topic) };
    });
  }

  /** Adds partitions behind those that exist. Resolves to false when there is no topic or there are that many already. */
  grow(name: string, partitionCount: number): Promise<boolean> {
    return this.#commits.submit<boolean>((writes) => {
      const topic = this.#topics.get(name);
      const existing = topic?.partitions.length ?? 0;
      if (topic === undefined || existing >= partitionCount) return { result: false };
      const ids = this.#takePartitionIds(writes, partitionCount - existing);
      const added = ids.map((id, index) => this.#partition(id, name, existing + index));
      return this.#prepare(writes, name, [...topic.partitions, ...added], topic.values, topic.createdMs);
    });
  }

  /** Replaces what is set on the topic. Resolves to false when it is unknown. */
  configure(name: string, values: ConfigValues): Promise<boolean> {
    return this.#commits.submit<boolean>((writes) => {
      const topic = this.#topics.get(name);
      if (topic === undefined) return { result: false };
      return this.#prepare(writes, name, topic.partitions, values, topic.createdMs);
    });
  }

  /** A producer id that no client has had. */
  takeProducerId(): Promise<number> {
    return this.#commits.submit((writes) => {
      const taken = this.#counters.nextProducerId;
      this.#count(writes, { ...this.#counters, nextProducerId: taken + 1 });
      return { result: taken };
    });
  }

  /** Later tasks of the same flush see the topic at once; clients see it too, but their writes come behind it. */
  #prepare(
    writes: WriteBatch,
    name: string,
    partitions: readonly Partition[],
    values: ConfigValues,
    createdMs: number,
  ): Prepared<boolean> {
    const before = this.#topics.get(name);
    const partitionIds = partitions.map(({ id }) => id);
    writes.putState(['topic', name], { partitionIds, values, createdMs } satisfies TopicRecord);
    this.#put(name, partitions, values, createdMs);
    const undo = () => {
      if (before === undefined) this.#topics.delete(name);
      else this.#topics.set(name, before);
    };
    return { result: true, undo };
  }

  #put(name: string, partitions: readonly Partition[], values: ConfigValues, createdMs: number): void {
    this.#topics.set(name, { name, partitions, values, config: topicConfigOf(values), createdMs });
  }

  #partition(id: number, topic: string, index: number): Partition {
    return new Partition(id, topic, index, this.#storage);
  }

  #takePartitionIds(writes: WriteBatch, count: number): number[] {
    const first = this.#counters.nextPartitionId;
    this.#count(writes, { ...this.#counters, nextPartitionId: first + count });
    return Array.from({ length: count }, (_, index) => first + index);
  }

  /** Numbers are not given back when the disk refuses: a gap does no harm. */
  #count(writes: WriteBatch, next: Counters): void {
    this.#counters = next;
    writes.putState(countersKey, next);
  }
}
