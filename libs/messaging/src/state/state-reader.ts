import { randomUUID } from 'node:crypto';
import type { IncomingMessage, MessageBus, Position, Subscription, TopicPartition } from '../bus/message-bus.js';
import { partitionName } from '../bus/partition-name.js';
import { PartitionWorker } from '../consumer/partition-worker.js';
import type { Logger } from '../logger.js';

export interface StateReaderOptions {
  readonly bus: MessageBus;
  /** State topics, or others. */
  readonly topics: readonly string[];
  /** Topics whose turn comes when those are read, up to where they end by then: the group is joined once for all. */
  readonly afterwards?: readonly string[];
  /** Where to begin, if not at the beginning. */
  readonly from?: readonly Position[];
  /** Where to end, if not where they end at this moment; partitions that are not named are not read. */
  readonly until?: readonly Position[];
  /** Begins the name of the group that reads: one for each reading, without a life after it. */
  readonly group: string;
  /** Takes messages of one partition to their end, from the first on, and returns how many. */
  readonly process: (messages: readonly IncomingMessage[], signal: AbortSignal) => Promise<number>;
  readonly onProgress: (progress: ReadingProgress) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}
/** Counted in offsets: those that compaction has emptied are done with, too. */
export interface ReadingProgress {
  readonly done: number;
  readonly total: number;
}
interface Reading extends TopicPartition {
  readonly from: bigint;
  end: bigint;
  /** The next offset to be processed. */
  at: bigint;
  readonly worker: PartitionWorker;
  paused: boolean;
  /** Something behind the end was delivered: what is missing before it, compaction has taken out. */
  isComplete: boolean;
}

const BATCH = 500;
const BACKLOG = { full: 4_000, low: 1_000 };
const SILENCE_MS = 60_000;

/** Reads topics from their beginning, or from given places, to where they end at this moment, partition by partition in order, and no further. */
export class StateReader {
  private readonly partitions = new Map<string, Reading>();
  private subscription: Subscription | undefined;
  private resolve: () => void = () => undefined;
  private reject: (reason: unknown) => void = () => undefined;
  private silence: NodeJS.Timeout | undefined;
  private turn: 'first' | 'between' | 'last' = 'first';

  constructor(private readonly options: StateReaderOptions) {}

  /** @throws when it was aborted, or nothing came for a minute. */
  async read(): Promise<ReadingProgress> {
    const { bus, signal } = this.options;
    await this.findEnds();
    signal.throwIfAborted();
    if (this.isFirstDone) this.turn = 'last';
    if (this.isDone) return this.progress;
    const group = `${this.options.group}-${randomUUID()}`;
    const done = new Promise<void>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    const abort = () => this.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.expectProgress();
    this.subscription = this.subscribe(group);
    try {
      await done;
    } finally {
      clearTimeout(this.silence);
      signal.removeEventListener('abort', abort);
      await this.stop(this.subscription);
      await bus.deleteGroup(group).catch((error: unknown) => this.options.logger.debug({ group, err: error }, 'group'));
    }
    return this.progress;
  }

  private async findEnds(): Promise<void> {
    const { bus, from: given = [], until } = this.options;
    const { topics } = this;
    const starts = new Map(
      (await bus.startPositions(topics)).map((position) => [partitionName(position), position.offset]),
    );
    for (const position of given)
      if (position.offset > (starts.get(partitionName(position)) ?? 0n))
        starts.set(partitionName(position), position.offset);
    for (const position of until ?? (await bus.endPositions(topics))) {
      const { topic, partition, offset: end } = position;
      const name = partitionName(position);
      const from = starts.get(name) ?? 0n;
      const worker = new PartitionWorker((messages, signal) => this.process(name, messages, signal), BATCH);
      this.partitions.set(name, { topic, partition, from, end, at: from, worker, paused: false, isComplete: false });
    }
  }

  private subscribe(group: string): Subscription {
    return this.options.bus.subscribe({
      group,
      topics: this.topics,
      brief: true,
      positions: () => [...this.partitions.values()].map((reading): Position => ({ ...placeOf(reading) })),
      listener: {
        onAssigned: (assignment) => {
          for (const partition of assignment) {
            const reading = this.partitions.get(partitionName(partition));
            if (reading === undefined) this.subscription?.pause(partition);
            else reading.worker.assign();
          }
          if (this.turn !== 'last') for (const reading of this.laterOnes) this.subscription?.pause(reading);
        },
        onRevoked: () => {
          for (const { worker } of this.partitions.values()) worker.dropQueue();
        },
        onMessages: (from, messages, endOffset) => this.accept(from, messages, endOffset),
      },
    });
  }

  private accept(from: TopicPartition, messages: readonly IncomingMessage[], endOffset: bigint): void {
    const reading = this.partitions.get(partitionName(from));
    if (reading === undefined) return;
    const due = messages.filter(({ offset }) => offset < reading.end);
    reading.isComplete ||= due.length < messages.length;
    reading.worker.accept(due, endOffset);
    if (reading.isComplete && !reading.worker.busy) this.reached(reading, reading.end);
    if (reading.paused || reading.worker.backlog < BACKLOG.full) return;
    reading.paused = true;
    this.subscription?.pause(from);
  }

  private async process(name: string, messages: readonly IncomingMessage[], signal: AbortSignal): Promise<number> {
    const reading = this.partitions.get(name);
    const done = await this.options.process(messages, signal);
    const last = messages[done - 1];
    if (reading === undefined || last === undefined) return done;
    const isLast = reading.isComplete && done === messages.length && reading.worker.backlog === 0;
    this.reached(reading, isLast ? reading.end : last.offset + 1n);
    if (reading.paused && reading.worker.backlog <= BACKLOG.low) {
      reading.paused = false;
      this.subscription?.resume(reading);
    }
    return done;
  }

  private reached(reading: Reading, offset: bigint): void {
    reading.at = offset;
    this.options.onProgress(this.progress);
    this.expectProgress();
    if (this.turn === 'first' && this.isFirstDone) this.goOn().catch(this.reject);
    if (this.isDone) this.resolve();
  }

  /** Of what the first ones told, newer things may be in the others by now, and compaction may have taken the old ones out. */
  private async goOn(): Promise<void> {
    const { bus, afterwards = [] } = this.options;
    this.turn = 'between';
    for (const { offset, ...place } of afterwards.length === 0 ? [] : await bus.endPositions(afterwards)) {
      const reading = this.partitions.get(partitionName(place));
      if (reading !== undefined && reading.end < offset) reading.end = offset;
    }
    this.turn = 'last';
    for (const reading of this.laterOnes) this.subscription?.resume(reading);
    if (this.isDone) this.resolve();
  }

  private expectProgress(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.reject(new Error(`nothing was read for ${SILENCE_MS} ms`)), SILENCE_MS);
    this.silence.unref();
  }

  private async stop(subscription: Subscription): Promise<void> {
    const workers = [...this.partitions.values()].map(({ worker }) => worker);
    for (const worker of workers) worker.release();
    await Promise.all(workers.map((worker) => worker.drained()));
    await subscription.close();
  }

  private get topics(): readonly string[] {
    return [...this.options.topics, ...(this.options.afterwards ?? [])];
  }

  private get laterOnes(): Reading[] {
    const { afterwards = [] } = this.options;
    return [...this.partitions.values()].filter(({ topic }) => afterwards.includes(topic));
  }

  private get isFirstDone(): boolean {
    const { topics } = this.options;
    return [...this.partitions.values()].every(({ topic, at, end }) => at >= end || !topics.includes(topic));
  }

  private get isDone(): boolean {
    return this.turn === 'last' && [...this.partitions.values()].every(({ at, end }) => at >= end);
  }

  private get progress(): ReadingProgress {
    const all = [...this.partitions.values()];
    const count = (of: (reading: Reading) => bigint) => Number(all.reduce((sum, one) => sum + of(one), 0n));
    return { done: count(({ at, from }) => at - from), total: count(({ end, from }) => end - from) };
  }
}

const placeOf = ({ topic, partition, at }: Reading): Position => ({ topic, partition, offset: at });
