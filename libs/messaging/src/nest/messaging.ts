import { setTimeout as sleep } from 'node:timers/promises';
import type { EventContract } from '#contracts';
import { BusClosedError, type MessageBus } from '../bus/message-bus.js';
import type { GroupMember } from '../consumer/group-member.js';
import type { StallWatch } from '../consumer/stall-watch.js';
import type { ParkedRetrier } from '../consumer/parked-retrier.js';
import type { Logger } from '../logger.js';
import type { OutboxRelay } from '../outbox/outbox-relay.js';
import type { InPlaceRebuilds } from '../state/in-place-rebuilds.js';
import { topicSpecsOf } from '../state/state-topics.js';

const BACKOFF_MS = { first: 200, longest: 5_000 };
/** No handler takes longer. */
export const DRAIN_MS = 20_000;

/** What a service sends and receives, as one thing that is started and stopped. */
export interface MessagingParts {
  readonly relay: OutboxRelay;
  /** Keep up the state topics; while the service restores what it owns, it publishes nothing that they could copy. */
  readonly copiers: readonly GroupMember[];
  /** Handle events, as soon as what the service holds is there. */
  readonly followers: readonly GroupMember[];
  /** @param topicsExist resolves when all topics are there. */
  readonly inPlace: (topicsExist: Promise<unknown>) => InPlaceRebuilds;
  readonly retrier: ParkedRetrier;
  readonly watch: StallWatch;
  /** All that the service publishes or consumes. */
  readonly contracts: readonly EventContract[];
  /** How long handlers that run at the end may take. */
  readonly drainMs: number;
  readonly logger: Logger;
}

/** Starts without waiting for the broker, and stops in the order that loses nothing. */
export class Messaging {
  private readonly closing = new AbortController();
  private started: Promise<void> | undefined;
  private inPlace: InPlaceRebuilds | undefined;
  private stopped: Promise<void> | undefined;

  private parts: MessagingParts | undefined;

  /** @param assemble called at the start, when all that handles events exists. */
  constructor(
    readonly bus: MessageBus,
    private readonly assemble: () => MessagingParts,
  ) {}

  /** Creates missing topics, then publishes and consumes. Waits for a broker that is away for as long as it takes. */
  start(): void {
    if (this.started !== undefined) return;
    this.parts = this.assemble();
    const { contracts, logger } = this.parts;
    const topicsExist = this.ensureTopics(contracts, logger);
    this.inPlace = this.parts.inPlace(topicsExist);
    this.started = this.run(this.parts, this.inPlace, topicsExist);
  }

  /**
   * Resolves when the service's own aggregates are there. Where its database is new, they are first restored from their
   * states: until then nobody may write one, or its versions would begin once more. Needs no broker where they are there.
   */
  async restored(): Promise<void> {
    this.start();
    await this.inPlace?.restored;
  }

  /** Resolves when topics exist and all groups have been joined; rejects when stopped before. */
  async ready(): Promise<void> {
    this.start();
    await this.started;
    if (this.closing.signal.aborted) throw new BusClosedError();
    await Promise.all(this.members.map((member) => member.joined()));
  }

  /** Whether all groups were joined and have once been less than 30 s behind. */
  get caughtUp(): boolean {
    return this.parts?.watch.caughtUp ?? false;
  }

  /** Groups that are behind and make no progress. */
  get stalled(): readonly string[] {
    return this.parts?.watch.stalled ?? [];
  }

  /** Stops intake, lets handlers end, commits, publishes what they wrote, and disconnects. The database is still needed. */
  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  private get members(): readonly GroupMember[] {
    return this.parts === undefined ? [] : [...this.parts.followers, ...this.parts.copiers];
  }

  private async run(parts: MessagingParts, inPlace: InPlaceRebuilds, topicsExist: Promise<void>): Promise<void> {
    const { relay, copiers, followers, retrier, watch } = parts;
    relay.start();
    inPlace.start();
    await topicsExist;
    if (this.closing.signal.aborted) return;
    // What is restored is made of the events where the state topics have not got them yet: nothing waits for a copy.
    await inPlace.restored;
    if (this.closing.signal.aborted) return;
    for (const copier of copiers) copier.start();
    for (const follower of followers) follower.start();
    retrier.start();
    watch.start();
  }

  private async ensureTopics(contracts: readonly EventContract[], logger: Logger): Promise<void> {
    const { signal } = this.closing;
    const topics = topicSpecsOf(contracts);
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.bus.ensureTopics(topics);
        return;
      } catch (error) {
        const delayMs = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** failures);
        logger.warn({ err: error, delayMs }, 'topics not there yet');
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** What the handlers wrote is with the broker before others take over: leaving the groups comes last. */
  private async shutDown(): Promise<void> {
    this.closing.abort();
    await this.inPlace?.stop();
    await this.started;
    if (this.parts !== undefined) {
      const { relay, retrier, watch, drainMs } = this.parts;
      watch.stop();
      const retried = Promise.race([retrier.stop(), sleep(drainMs, undefined, { ref: false })]);
      await Promise.all([...this.members.map((member) => member.drain()), retried]);
      await relay.flush();
      await Promise.all(this.members.map((member) => member.stop()));
      await relay.stop();
    }
    await this.bus.close();
  }
}
