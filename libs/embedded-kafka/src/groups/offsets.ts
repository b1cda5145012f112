import type { CommitQueue } from '../storage/commit-queue.js';
import type { Storage } from '../storage/storage.js';
import type { WriteBatch } from '../storage/write-batch.js';

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

/** What groups have committed. It is read from the store every time; nothing of it is kept in memory. */
export class OffsetStore {
  readonly #storage: Storage;
  readonly #commits: CommitQueue;

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

  /** Resolves when the offsets are on disk. */
  commit(groupId: string, entries: readonly OffsetEntry[]): Promise<void> {
    return this.#commits.submit((writes) => {
      for (const { topic, partition, ...committed } of entries) {
        writes.putState(['offset', groupId, topic, partition], committed);
      }
      return { result: undefined };
    });
  }

  remove(groupId: string, entries: readonly { topic: string; partition: number }[]): Promise<void> {
    return this.#commits.submit((writes) => {
      for (const { topic, partition } of entries) writes.removeState(['offset', groupId, topic, partition]);
      return { result: undefined };
    });
  }

  /** Part of a commit: a deleted topic takes along what was committed for it. */
  forgetTopic(writes: WriteBatch, topic: string): void {
    for (const groupId of this.groupIds()) {
      for (const entry of this.all(groupId)) {
        if (entry.topic === topic) writes.removeState(['offset', groupId, topic, entry.partition]);
      }
    }
  }
}
