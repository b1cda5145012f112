import { setTimeout as pause } from 'node:timers/promises';
import { catalogEvents, orderEvents } from '#contracts';
import { tail, type MessageBus, type Tail } from '#messaging';
import type { Logger } from '#service-kit';
import type { ChangeFeed } from './change-feed.js';

/** The events that subscriptions depend on. */
const WATCHED = [...orderEvents, ...catalogEvents];
const RETRY_MS = 1_000;

/** This gateway's own reading of the topics, from now on, in a consumer group of its own. */
export class TopicTail {
  private readonly stopping = new AbortController();
  private readonly started: Promise<Tail | undefined>;

  constructor(
    private readonly bus: MessageBus,
    private readonly changes: ChangeFeed,
    private readonly logger: Logger,
  ) {
    this.started = this.start();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    // Closing the bus ends an attempt to reach the broker that is under way.
    await this.bus.close();
    await (
      await this.started
    )
      ?.close()
      .catch((error: unknown) => this.logger.debug({ err: error }, 'closing the tail'));
  }

  /** The gateway starts without a broker, and follows once it is there. */
  private async start(): Promise<Tail | undefined> {
    while (!this.stopping.signal.aborted) {
      try {
        const following = await this.follow();
        // Who watched before has missed what happened until now.
        this.changes.missed();
        return following;
      } catch (error) {
        if (this.stopping.signal.aborted) return undefined;
        this.logger.warn({ err: error }, 'Subscriptions wait for the broker');
        await pause(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  private async follow(): Promise<Tail> {
    const { bus, logger } = this;
    const topics = [...new Set(WATCHED.map(({ topic }) => topic))].map((topic) => ({ topic }));
    await bus.ensureTopics(topics);
    return tail({ bus, logger, contracts: WATCHED, handler: (event) => this.changes.publish(event) });
  }
}
