import type { CommitQueue } from '../storage/commit-queue.js';
import type { Storage } from '../storage/storage.js';
import type { StateKey, WriteBatch } from '../storage/write-batch.js';

export interface CommittedOffset {
  readonly offset: number;
  readonly metadata: string;
  /** Of the last record that was read; consumers find out by it whether the log was cut. Missing in what is older. */
  readonly leaderEpoch?: number;
  readonly committedMs: number;
}

export interface OffsetEntry extends CommittedOffset {
  readonly topic: string;
  readonly partition: number;
}

type OffsetKey = readonly ['offset', group: string, topic: string, partition: number];

/** What groups have committed. It is read from the store every time; nothing of it is kept in memory. */
export class OffsetStore {
  readonly #storage: Storage;
  readonly #commits: CommitQueue;
  /** What is to be stored and is not found in the store yet. */
  readonly #fresh = new Set<readonly OffsetKey[]>();

  constructor(storage: Storage, commits: CommitQueue) {
    this.#storage = storage;
    this.#commits = commits;
  }

  get(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#storage.state<CommittedOffset>(['offset', groupId, topic, partition]);
  }

  *all(groupId: string): Generator<OffsetEntry> {
    for (const { key, value } of this.#storage.stateUnder<CommittedOffset>(['offset', groupId])) {
      yield { ...value, topic: String(key[2]), partition: Number(key[3]) };
    }
  }

  /** Groups that have committed anything. */
  groupIds(): Set<string> {
    const ids = new Set<string>();
    for (const { key } of this.#storage.stateUnder(['offset'])) ids.add(String(key[1]));
    return ids;
  }

  /** Resolves when the offsets are on disk. Those of topics that `isThere` does not know any more by then are dropped. */
  commit(
    groupId: string,
    entries: readonly OffsetEntry[],
    isThere: (topic: string, partition: number) => boolean,
  ): Promise<void> {
    const keys = entries.map(({ topic, partition }): OffsetKey => ['offset', groupId, topic, partition]);
    this.#fresh.add(keys);
    const stored = this.#commits.submit((writes) => {
      for (const { topic, partition, ...committed } of entries) {
        if (isThere(topic, partition)) writes.putState(['offset', groupId, topic, partition], committed);
      }
      return { result: undefined };
    });
    return stored.finally(() => this.#fresh.delete(keys));
  }

  remove(groupId: string, entries: readonly { topic: string; partition: number }[]): Promise<void> {
    return this.#commits.submit((writes) => {
      for (const { topic, partition } of entries) writes.removeState(['offset', groupId, topic, partition]);
      return { result: undefined };
    });
  }

  /** Removes what is still older than `limitMs` of these. */
  expire(groupId: string, entries: readonly OffsetEntry[], limitMs: number): Promise<void> {
    return this.#commits.submit((writes) => {
      const fresh = new Set([...this.#fresh].flat().map(nameOf));
      for (const { topic, partition } of entries) {
        const key: OffsetKey = ['offset', groupId, topic, partition];
        const isOld = (this.get(groupId, topic, partition)?.committedMs ?? limitMs) < limitMs;
        if (isOld && !fresh.has(nameOf(key))) writes.removeState(key);
      }
      return { result: undefined };
    });
  }

  /** Whether a group has committed anything that is kept, or is about to. */
  has(groupId: string): boolean {
    for (const _ of this.#storage.stateUnder(['offset', groupId])) return true;
    return [...this.#fresh].some((keys) => keys.some((key) => key[1] === groupId));
  }

  /** Part of a commit: a deleted topic takes along what was committed for it. */
  forgetTopic(writes: WriteBatch, topic: string): void {
    this.#forget(writes, ['offset'], (key) => key[2] === topic);
  }

  /** Part of a commit: so does a deleted group. */
  forgetGroup(writes: WriteBatch, groupId: string): void {
    this.#forget(writes, ['offset', groupId], (key) => key[1] === groupId);
  }

  #forget(writes: WriteBatch, prefix: StateKey, concerns: (key: StateKey) => boolean): void {
    for (const { key } of this.#storage.stateUnder(prefix)) if (concerns(key)) writes.removeState(key);
    for (const key of [...this.#fresh].flat()) if (concerns(key)) writes.removeState(key);
  }
}

const nameOf = (key: OffsetKey): string => JSON.stringify(key);
