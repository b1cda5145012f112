import { type Clock, elapsed } from '../clock.js';
import type { CommitQueue } from '../storage/commit-queue.js';
import type { Storage } from '../storage/storage.js';
import { Group, type GroupOptions } from './group.js';
import { type GroupRecord, reviveRecord, withoutMembers } from './group-record.js';
import { type OffsetEntry, OffsetStore } from './offsets.js';
import { subscribedTopics } from './subscription.js';

/**
 * Kafka's group.coordinator.append.linger.ms: what groups become within a moment shares a flush, as when all consumers
 * of a process start. kafkajs's own tests count on it that SyncGroup is not answered within a millisecond.
 */
const gatherMs = 5;

/** Kafka's offsets.retention.minutes: for how long offsets are kept that nobody in the group keeps up. */
const offsetRetentionMs = 7 * 24 * 60 * 60 * 1000;
/** Kafka's offsets.retention.check.interval.ms: an empty group without offsets is gone by then. */
const emptyRetentionMs = 10 * 60 * 1000;
/** So many are looked at in one turn of the event loop, and what they lose shares a flush. */
const groupsAtOnce = 100;

export interface GroupsOptions {
  readonly clock: Clock;
  readonly initialDelayMs: number;
  readonly newMemberId: (prefix: string) => string;
  /** Members of before have ended: nobody waits for them. */
  readonly forgetMembers: boolean;
  /** Told when a group could not be stored; its members join again after a restart. */
  readonly report: (error: unknown) => void;
}

/** The groups that have, or had, members or offsets. */
export class Groups {
  readonly offsets: OffsetStore;
  readonly #groups = new Map<string, Group>();
  readonly #commits: CommitQueue;
  readonly #options: GroupsOptions;
  /** What is to be stored with the next flush. */
  #unsaved = new Map<Group, GroupRecord>();
  #saving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(storage: Storage, commits: CommitQueue, options: GroupsOptions) {
    this.#commits = commits;
    this.#options = options;
    this.offsets = new OffsetStore(storage, commits);
    for (const { key, value } of storage.stateUnder<GroupRecord>(['group'])) {
      const record = reviveRecord(value);
      this.#create(String(key[1])).restore(
        options.forgetMembers ? withoutMembers(record, options.clock.now()) : record,
      );
    }
    for (const groupId of this.offsets.groupIds()) this.getOrCreate(groupId);
  }

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId);
  }

  getOrCreate(groupId: string): Group {
    return this.#groups.get(groupId) ?? this.#create(groupId);
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }

  /** Forgets a group without members and all that it committed. Resolves when that is on disk. */
  async delete(groupId: string): Promise<void> {
    this.#groups.get(groupId)?.close();
    this.#groups.delete(groupId);
    await this.#commits.submit((writes) => {
      writes.removeState(['group', groupId]);
      this.offsets.forgetGroup(writes, groupId);
      return { result: undefined };
    });
  }

  /**
   * Removes what was committed longer ago than Kafka keeps it, for groups without members and for topics that a group
   * does not read any more; and groups that have nothing left.
   */
  async expire(): Promise<void> {
    const groups = this.all();
    for (let next = 0; next < groups.length; next += groupsAtOnce) {
      await new Promise((resolve) => setImmediate(resolve));
      const nowMs = this.#options.clock.now();
      await Promise.all(groups.slice(next, next + groupsAtOnce).map((group) => this.#expire(group, nowMs)));
    }
  }

  async #expire(group: Group, nowMs: number): Promise<void> {
    const limitMs = nowMs - offsetRetentionMs;
    if (!group.keepsAllOffsets(limitMs)) {
      const inUse = subscribedTopics(group.members);
      const isOut = ({ committedMs, topic }: OffsetEntry) => committedMs < limitMs && !inUse.has(topic);
      const expired = [...this.offsets.all(group.id)].filter(isOut);
      if (expired.length > 0) await this.offsets.expire(group.id, expired, limitMs);
    }
    const isOver = group.isAbandonedSince(nowMs - emptyRetentionMs) && !this.offsets.has(group.id);
    // Another of the same name may have come while this one was looked at.
    if (isOver && this.#groups.get(group.id) === group) await this.delete(group.id);
  }

  /** Resolves when what the groups have become so far is on disk, or could not be stored. */
  async saved(): Promise<void> {
    await this.#saving;
  }

  close(): void {
    this.#isClosed = true;
    for (const group of this.#groups.values()) group.close();
    this.#saving = this.#write();
  }

  #create(groupId: string): Group {
    const { clock, initialDelayMs, newMemberId } = this.#options;
    const options: GroupOptions = { clock, initialDelayMs, newMemberId, save: (group) => this.#save(group) };
    const group = new Group(groupId, options);
    this.#groups.set(groupId, group);
    return group;
  }

  #save(group: Group): void {
    const { clock } = this.#options;
    const isFirst = this.#unsaved.size === 0;
    this.#unsaved.set(group, group.record(clock.now()));
    if (this.#isClosed) this.#saving = this.#write();
    else if (isFirst) this.#saving = elapsed(clock, gatherMs).then(() => this.#write());
  }

  async #write(): Promise<void> {
    const unsaved = this.#unsaved;
    if (unsaved.size === 0) return;
    this.#unsaved = new Map();
    const written = this.#commits.submit((writes) => {
      for (const [group, record] of unsaved) {
        if (this.#groups.get(group.id) === group) writes.putState(['group', group.id], record);
      }
      return { result: undefined };
    });
    await written.catch(this.#options.report);
  }
}
