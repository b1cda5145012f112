import { stateTopicOf } from '#contracts';
import type { Lease, LeaseStore } from '#persistence';
import type { MessageBus, TopicPartition } from '../bus/message-bus.js';
import type { GroupMember } from '../consumer/group-member.js';
import type { Logger } from '../logger.js';
import { Lookout } from './lookout.js';
import { areEmpty, topicsOf, type Projection } from './projection.js';
import type { ProjectionMarker, ProjectionMarkers } from './projection-markers.js';
import { LEASE_TIMES, LeaseLostError, rebuildUnderLease, type LeaseTimes } from './rebuild-lease.js';
import { rebuild, type RebuildTimes } from './rebuild.js';

export interface ProjectionMemberOptions {
  readonly projection: Projection;
  readonly bus: MessageBus;
  readonly markers: ProjectionMarkers;
  readonly leases: Pick<LeaseStore, 'acquire' | 'holds' | 'release'>;
  /** Of this process, unlike all others. */
  readonly instance: string;
  /** A new member of the group, not started yet. */
  readonly follow: () => GroupMember;
  readonly logger: Logger;
  readonly times?: Partial<RebuildTimes & MemberTimes>;
}
interface MemberTimes extends LeaseTimes {
  readonly watchMs: number;
}
const TIMES: MemberTimes = { watchMs: 1_000, ...LEASE_TIMES };
const REPEATED_MS = 10_000;

/**
 * This instance's part in a projection: follows its events while it is ready, and stops while it is rebuilt, by this
 * instance or by another. What is the case is told by the marker in the database.
 */
export class ProjectionMember implements GroupMember {
  private readonly closing = new AbortController();
  private readonly lookout = new Lookout();
  private readonly times: MemberTimes;
  private member: GroupMember | undefined;
  private generation: number | undefined;
  private settled = 0;
  private warnedAt = 0;
  private loop: Promise<void> = Promise.resolve();
  private readonly first: Promise<void>;
  private resolveFirst: () => void = () => undefined;

  constructor(private readonly options: ProjectionMemberOptions) {
    this.times = { ...TIMES, ...options.times };
    this.first = new Promise((resolve) => (this.resolveFirst = resolve));
  }

  get group(): string {
    return this.options.projection.name;
  }

  get topics(): readonly string[] {
    return topicsOf(this.options.projection.contracts);
  }

  get assigned(): readonly TopicPartition[] | undefined {
    return this.member?.assigned;
  }

  /** Goes up while it is rebuilt, too, by whomever: that is no stall. */
  get progress(): number {
    return this.settled + (this.member?.progress ?? 0);
  }

  get oldestAgeMs(): number {
    return this.member?.oldestAgeMs ?? 0;
  }

  start(): void {
    this.loop = this.run();
  }

  async joined(): Promise<void> {
    await this.first;
  }

  async drain(): Promise<void> {
    this.closing.abort();
    this.lookout.lookAtOnce();
    await this.loop;
    await this.member?.drain();
  }

  async stop(): Promise<void> {
    await this.drain();
    await this.unfollow();
    this.resolveFirst();
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    const forget = this.options.markers.onRequested(() => this.lookout.lookAtOnce());
    while (!signal.aborted) {
      const again = await this.look().catch((error: unknown) => this.note(error));
      if (!again) await this.lookout.pause(this.times.watchMs);
    }
    forget();
  }

  /** A database that is away makes one each second: a warning only now and then. */
  private note(err: unknown): false {
    const { logger, projection } = this.options;
    if (this.closing.signal.aborted) return false;
    const level = Date.now() - this.warnedAt < REPEATED_MS ? 'debug' : 'warn';
    logger[level]({ projection: projection.name, err }, 'projection can not be looked after');
    if (level === 'warn') this.warnedAt = Date.now();
    return false;
  }

  /** True when there is more to do at once. */
  private async look(): Promise<boolean> {
    const marker = await this.options.markers.find(this.group);
    if (marker === null) return this.decide();
    if (marker.state === 'READY') {
      if (marker.generation !== this.generation) await this.followFrom(marker.generation);
      return false;
    }
    await this.unfollow();
    this.settled++;
    return this.rebuildIfFree(marker);
  }

  /**
   * There is no marker: this is the first start, or the database is new. What has documents goes on as before; what has
   * none is rebuilt, unless there has been nothing yet that it could be rebuilt from.
   */
  private async decide(): Promise<true> {
    const { bus, markers, projection } = this.options;
    await markers.begin(this.group, (await this.isWorthIt(bus, projection)) ? 'REBUILDING' : 'READY');
    return true;
  }

  /** It holds nothing, and there was something: its group has read before, or others have left states. */
  private async isWorthIt(bus: MessageBus, { collections }: Projection): Promise<boolean> {
    if (!(await areEmpty(collections))) return false;
    const [read, states] = await Promise.all([
      bus.committed(this.group, this.topics),
      bus.endPositions(this.topics.map(stateTopicOf)),
    ]);
    return [...read, ...states].some(({ offset }) => offset > 0n);
  }

  private async followFrom(generation: number): Promise<void> {
    await this.unfollow();
    if (this.closing.signal.aborted) return;
    this.generation = generation;
    const member = this.options.follow();
    this.member = member;
    member.start();
    member.joined().then(this.resolveFirst, () => undefined);
  }

  private async unfollow(): Promise<void> {
    const { member } = this;
    this.generation = undefined;
    if (member === undefined) return;
    await member.stop();
    this.settled += member.progress;
    this.member = undefined;
  }

  private rebuildIfFree({ generation }: ProjectionMarker): Promise<boolean> {
    const { bus, projection, logger, times } = this.options;
    return rebuildUnderLease(
      { ...this.options, name: this.group, ...this.times },
      generation,
      this.closing.signal,
      (run) =>
        rebuild({
          bus,
          projection,
          logger,
          signal: run.signal,
          onProgress: (progress) => {
            this.settled++;
            run.onProgress(progress);
          },
          clear: () => this.clearUnder(run.lease),
          ...(times === undefined ? {} : { times }),
        }),
    );
  }

  /** Whoever was frozen in between may have cleared what another has rebuilt: then it is done once more. */
  private async clearUnder(lease: Lease): Promise<void> {
    const { leases, instance, markers, projection } = this.options;
    if (!(await leases.holds(lease, instance))) throw new LeaseLostError();
    for (const collection of projection.collections) await collection.clear();
    if (await leases.holds(lease, instance)) return;
    await markers.requestAgain(this.group);
    throw new LeaseLostError();
  }
}
