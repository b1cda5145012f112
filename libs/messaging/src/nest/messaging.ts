import { setTimeout as sleep } from 'node:timers/promises';
import type { EventContract } from '#contracts';
import { BusClosedError, type MessageBus } from '../bus/message-bus.js';
import type { GroupMember } from '../consumer/group-member.js';
import type { StallWatch } from '../consumer/stall-watch.js';
import type { ParkedRetrier } from '../consumer/parked-retrier.js';
import type { Logger } from '../logger.js';
import type { OutboxRelay } from '../outbox/outbox-relay.js';
import { topicSpecsOf } from '../state/state-topics.js';

const BACKOFF_MS = { first: 200, longest: 5_000 };

/** What a service sends and receives, as one thing that is started and stopped. */
export interface MessagingParts {
  readonly relay: OutboxRelay;
  readonly runners: readonly GroupMember[];
  readonly retrier: ParkedRetrier;
  readonly watch: StallWatch;
  /** All that the service publishes or consumes. */
  readonly contracts: readonly EventContract[];
  readonly logger: Logger;
}

/** Starts without waiting for the broker, and stops in the order that loses nothing. */
export class Messaging {
  private readonly closing = new AbortController();
  private started: Promise<void> | undefined;
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
    this.started = this.run(this.parts);
  }

  /** Resolves when topics exist and all groups have been joined; rejects when stopped before. */
  async ready(): Promise<void> {
    this.start();
    await this.started;
    if (this.closing.signal.aborted) throw new BusClosedError();
    await Promise.all(this.parts?.runners.map((runner) => runner.joined()) ?? []);
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

  private async run({ relay, runners, retrier, watch, contracts, logger }: MessagingParts): Promise<void> {
    relay.start();
    await this.ensureTopics(contracts, logger);
    if (this.closing.signal.aborted) return;
    for (const runner of runners) runner.start();
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

  private async shutDown(): Promise<void> {
    this.closing.abort();
    await this.started;
    if (this.parts !== undefined) {
      const { relay, runners, retrier, watch } = this.parts;
      watch.stop();
      await Promise.all([...runners.map((runner) => runner.stop()), retrier.stop()]);
      await relay.flush();
      await relay.stop();
    }
    await this.bus.close();
  }
}
