import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage, MessageBus, Subscription, TopicPartition } from '../bus/message-bus.js';
import { partitionName } from '../bus/partition-name.js';
import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import { PartitionWorker, type Process } from './partition-worker.js';
import type { Watched } from './stall-watch.js';

/** What is done with the messages of a group: by handlers of events (`EventProcessor`), or whatever else reads topics. */
export interface MessageProcessor {
  readonly group: string;
  /** How many messages it takes at once, at most. */
  readonly batchSize: number;
  readonly processMany: Process;
  /** Partitions came from another member: what was learnt of what it left may be old. */
  forgetParkedLines(): void;
  /** Resolves when nothing runs any more of what it returned from already. */
  idle(): Promise<void>;
}

export interface RunnerOptions {
  readonly bus: MessageBus;
  readonly topics: readonly string[];
  readonly processor: MessageProcessor;
  /** As in `SubscribeOptions`. */
  readonly patient?: boolean;
  readonly metrics: MessagingMetrics;
  readonly logger: Logger;
  readonly commitIntervalMs?: number;
  /** How long what runs at the end may take; 20 s by default. */
  readonly drainMs?: number;
  /** Messages that wait in a partition: from `full` on (1,000) it is paused, at `low` (400) it goes on. */
  readonly backlog?: { readonly full: number; readonly low: number };
}
interface Assigned {
  readonly partition: TopicPartition;
  readonly worker: PartitionWorker;
  /** False while only the handler that runs is left of it: its position is another member's to commit. */
  isOurs: boolean;
  paused: boolean;
}

const COMMIT_INTERVAL_MS = 500;
const DRAIN_MS = 20_000;
const BACKLOG = { full: 1_000, low: 400 };

/**
 * One consumer group of this process. Fetching and handling are apart: the client is never kept from its heartbeats by a
 * slow handler, and never sees an error of one. Each partition has a worker of its own.
 */
export class ConsumerRunner implements Watched {
  private readonly workers = new Map<string, Assigned>();
  private subscription: Subscription | undefined;
  private timer: NodeJS.Timeout | undefined;
  private committing: Promise<void> = Promise.resolve();
  private draining: Promise<void> | undefined;
  private isMember = false;
  private settled = 0;
  private readonly limits: { readonly full: number; readonly low: number };

  constructor(private readonly options: RunnerOptions) {
    this.limits = options.backlog ?? BACKLOG;
  }

  get group(): string {
    return this.options.processor.group;
  }

  /** Messages that this member has not processed yet. */
  get lag(): number {
    return this.ours.reduce((sum, { worker }) => sum + worker.lag, 0);
  }

  get topics(): readonly string[] {
    return this.options.topics;
  }

  get progress(): number {
    return this.settled;
  }

  /** Partitions that were given to this member; undefined while it is none. */
  get assigned(): readonly TopicPartition[] | undefined {
    return this.isMember ? this.ours.map(({ partition }) => partition) : undefined;
  }

  get oldestAgeMs(): number {
    return Math.max(0, ...this.ours.map(({ worker }) => ageMs(worker.oldest)));
  }

  private get ours(): readonly Assigned[] {
    return [...this.workers.values()].filter(({ isOurs }) => isOurs);
  }

  /** Joins the group in the background and works until it is stopped. */
  start(): void {
    const { bus, topics, patient = false } = this.options;
    this.subscription = bus.subscribe({
      group: this.group,
      topics,
      patient,
      listener: {
        onAssigned: (assignment) => this.onAssigned(assignment),
        onRevoked: () => this.onRevoked(),
        onMessages: (from, messages, endOffset) => this.onMessages(from, messages, endOffset),
      },
    });
    this.timer = setInterval(() => this.tick(), this.options.commitIntervalMs ?? COMMIT_INTERVAL_MS);
  }

  /** Resolves when the group was joined for the first time. */
  async joined(): Promise<void> {
    await this.subscription?.joined;
  }

  /** Takes nothing new, lets what runs end, and commits. It stays in the group. */
  drain(): Promise<void> {
    return (this.draining ??= this.drainOnce());
  }

  /** Drains, and leaves the group. */
  async stop(): Promise<void> {
    await this.drain();
    await this.subscription?.close();
  }

  private async drainOnce(): Promise<void> {
    clearInterval(this.timer);
    const all = [...this.workers.values()];
    for (const { worker } of all) worker.release();
    const drained = Promise.all(all.map(({ worker }) => worker.drained())).then(() => this.options.processor.idle());
    await Promise.race([drained, sleep(this.options.drainMs ?? DRAIN_MS, undefined, { ref: false })]);
    await this.commit();
  }

  private onAssigned(assignment: readonly TopicPartition[]): void {
    this.isMember = true;
    const ours = new Set(assignment.map(partitionName));
    for (const [name, entry] of this.workers) {
      entry.isOurs = ours.has(name);
      if (entry.isOurs) continue;
      entry.worker.release();
      this.options.metrics.lagAge.remove(this.labelsOf(entry.partition));
      if (!entry.worker.busy) this.workers.delete(name);
    }
    if (this.draining !== undefined) return;
    this.options.processor.forgetParkedLines();
    for (const partition of assignment) {
      const entry = this.workers.get(partitionName(partition)) ?? this.newWorker(partition);
      entry.isOurs = true;
      entry.paused = false;
      entry.worker.assign();
    }
  }

  private onRevoked(): void {
    this.isMember = false;
    // Still in time, as the broker takes commits of the old generation until all members have joined the new one.
    void this.commit();
    for (const { worker } of this.workers.values()) worker.dropQueue();
  }

  private onMessages(from: TopicPartition, messages: readonly IncomingMessage[], endOffset: bigint): void {
    const entry = this.workers.get(partitionName(from));
    if (entry === undefined || this.draining !== undefined) return;
    entry.worker.accept(messages, endOffset);
    if (entry.paused || entry.worker.backlog < this.limits.full) return;
    entry.paused = true;
    this.subscription?.pause(from);
  }

  private newWorker(partition: TopicPartition): Assigned {
    const { processor } = this.options;
    const name = partitionName(partition);
    const process: Process = (messages, signal, next) => processor.processMany(messages, signal, next);
    const worker = new PartitionWorker(process, processor.batchSize, (done) => {
      this.settled += done;
      this.resumeIfLow(entry);
    });
    const entry: Assigned = { partition, worker, isOurs: true, paused: false };
    this.workers.set(name, entry);
    return entry;
  }

  private resumeIfLow(entry: Assigned): void {
    if (
      !entry.paused ||
      entry.worker.backlog > this.limits.low ||
      this.workers.get(partitionName(entry.partition)) !== entry
    )
      return;
    entry.paused = false;
    this.subscription?.resume(entry.partition);
  }

  private tick(): void {
    const { metrics } = this.options;
    metrics.lag.set({ group: this.group }, this.lag);
    for (const { partition, worker } of this.ours)
      metrics.lagAge.set(this.labelsOf(partition), ageMs(worker.oldest) / 1000);
    void this.commit();
  }

  private labelsOf({ topic, partition }: TopicPartition) {
    return { group: this.group, topic, partition };
  }

  /** One at a time; what fails is tried at the next tick. */
  private commit(): Promise<void> {
    this.committing = this.committing.then(() => this.commitProcessed());
    return this.committing;
  }

  private async commitProcessed(): Promise<void> {
    const due = this.ours.flatMap(({ partition, worker }) => {
      const offset = worker.toCommit();
      return offset === undefined ? [] : [{ ...partition, offset, worker }];
    });
    if (due.length === 0 || this.subscription === undefined) return;
    try {
      await this.subscription.commit(due);
      for (const { worker, offset } of due) worker.onCommitted(offset);
    } catch (error) {
      this.options.logger.debug({ group: this.group, err: error }, 'offsets not committed yet');
    }
  }
}

/** Since the change that the event tells of; 0 for none, and for what is no event. */
function ageMs(message: IncomingMessage | undefined): number {
  const at = Date.parse(message?.headers.get('ce_time') ?? '');
  return Number.isNaN(at) ? 0 : Math.max(0, Date.now() - at);
}
