import type { MessageBus, PartitionLag, TopicPartition } from '../bus/message-bus.js';
import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';

/** A consumer group's member, as it is watched. */
export interface Watched {
  readonly group: string;
  readonly topics: readonly string[];
  /** Its partitions; undefined while it is no member of the group. */
  readonly assigned: readonly TopicPartition[] | undefined;
  /** Goes up with each message that it is done with. */
  readonly progress: number;
  /** Of the oldest event that waits. */
  readonly oldestAgeMs: number;
}

export interface StallWatchOptions {
  readonly members: readonly Watched[];
  readonly bus: Pick<MessageBus, 'lag'>;
  /** Rejects when the database does not answer. */
  readonly askDatabase: () => Promise<void>;
  /** A member is behind and made no progress for a minute, though broker and database answer: only a new process helps. */
  readonly onStalled: (group: string) => void;
  readonly metrics: MessagingMetrics;
  readonly logger: Logger;
  /** Milliseconds that go by, whatever happens to the clock. */
  readonly now?: () => number;
  /** How long a member may be behind without progress; 60 s by default. */
  readonly stalledAfterMs?: number;
}
export const STALLED_MS = 60_000;
const CAUGHT_UP_MS = 30_000;
const EVERY_MS = { untilCaughtUp: 500, later: 15_000 };
/** Until then the others are looked at in each sixth look only: somebody may wait for those that are not ready. */
const FULL_LOOK_EVERY = 6;
/** So that what is stalled is known soon after its time, also where that is short. */
const LOOKS_WITHIN_LIMIT = 4;

/**
 * Whether consumers get on, by what the broker says of them and not by what they think: a client that stopped fetching
 * in silence believes that there is nothing to do. A broker or database that is away is nobody's stall.
 */
export class StallWatch {
  private readonly lastGood = new Map<Watched, { progress: number; at: number; lookedAt: number }>();
  private readonly behind = new Set<Watched>();
  private readonly stuck = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private looks = 0;
  private readonly now: () => number;
  private readonly limitMs: number;

  constructor(private readonly options: StallWatchOptions) {
    this.now = options.now ?? (() => performance.now());
    this.limitMs = options.stalledAfterMs ?? STALLED_MS;
    for (const member of options.members) this.behind.add(member);
  }

  /** Whether every group has once been less than 30 s behind since the start. */
  get caughtUp(): boolean {
    return this.behind.size === 0;
  }

  /** Groups that make no progress, and for which onStalled was called. */
  get stalled(): readonly string[] {
    return [...this.stuck];
  }

  start(): void {
    const usualMs = this.caughtUp ? EVERY_MS.later : EVERY_MS.untilCaughtUp;
    const delayMs = Math.min(usualMs, this.limitMs / LOOKS_WITHIN_LIMIT);
    this.timer = setTimeout(() => void this.look().then(() => !this.stopped && this.start()), delayMs);
    this.timer.unref();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Public for tests, which don't want to wait. Never throws. */
  async checkAll(): Promise<void> {
    for (const member of this.options.members) await this.check(member);
  }

  private async look(): Promise<void> {
    this.looks += 1;
    if (this.caughtUp || this.looks % FULL_LOOK_EVERY === 0) return this.checkAll();
    for (const member of this.behind) await this.check(member);
  }

  private async check(member: Watched): Promise<void> {
    const { bus, askDatabase, metrics, logger, onStalled } = this.options;
    const { group, progress } = member;
    try {
      const lag = lagOf(member, await bus.lag(group, member.topics));
      if (member.assigned !== undefined && (lag === 0n || this.isFresh(member))) this.behind.delete(member);
      const last = this.lastGood.get(member);
      const now = this.now();
      if (lag === 0n || last === undefined || last.progress !== progress) return this.good(member);
      // The process stood still, and nobody in it had the time to get on.
      if (now - last.lookedAt >= this.limitMs) return this.good(member);
      last.lookedAt = now;
      await askDatabase();
      const stalledMs = now - last.at;
      metrics.stalled.set({ group }, stalledMs / 1000);
      if (stalledMs < this.limitMs || this.stopped) return undefined;
      logger.error({ group, lag: lag.toString(), stalledMs }, 'the consumer makes no progress');
      this.stuck.add(group);
      return onStalled(group);
    } catch (error) {
      logger.debug({ group, err: error }, 'broker or database away');
      return this.good(member);
    }
  }

  private isFresh({ progress, oldestAgeMs }: Watched): boolean {
    return progress > 0 && oldestAgeMs < CAUGHT_UP_MS;
  }

  private good(member: Watched): void {
    const now = this.now();
    this.lastGood.set(member, { progress: member.progress, at: now, lookedAt: now });
    this.stuck.delete(member.group);
    this.options.metrics.stalled.set({ group: member.group }, 0);
  }
}

/** Of its own partitions; of all while it is no member, as nobody may be. */
function lagOf({ assigned }: Watched, lags: readonly PartitionLag[]): bigint {
  const isOurs = ({ topic, partition }: TopicPartition): boolean =>
    assigned?.some((one) => one.topic === topic && one.partition === partition) ?? true;
  return lags.filter(isOurs).reduce((sum, { lag }) => sum + lag, 0n);
}
