import { setTimeout as pause } from 'node:timers/promises';

/** What one fetch brought of a partition. */
export interface Fetched {
  readonly messages: number;
  /** Whether the partition had no more. */
  readonly isAll: boolean;
}

const GATHER_MS = 20;
/** A group that had nothing for so long is given what comes at once. */
const BUSY_MS = 100;
const MANY = 50;

/**
 * When a consumer may fetch again. A fetch costs as much as handling several events, and each event wakes all groups of its
 * topic: so where one comes soon after the other, the next fetch waits a moment for what can come with it. The first event
 * after a silence is never waited with, and nor is a backlog.
 */
export class Gathering {
  private untilMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** How long to wait before the next fetch. What else the same fetch brought waits no longer. */
  delayMs({ messages, isAll }: Fetched): number {
    const now = this.now();
    if (!isAll || messages >= MANY) return 0;
    if (now < this.untilMs) return this.untilMs - now;
    const isBusy = now - this.untilMs < BUSY_MS;
    this.untilMs = isBusy ? now + GATHER_MS : now;
    return this.untilMs - now;
  }

  async wait(fetched: Fetched, signal: AbortSignal): Promise<void> {
    const ms = this.delayMs(fetched);
    if (ms > 0) await pause(ms, undefined, { signal }).catch(() => undefined);
  }
}
