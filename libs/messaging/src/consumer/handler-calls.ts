import type { EventEnvelope } from '#contracts';
import { writeContext } from '#persistence';
import { timeMs } from '../event-time.js';
import type { MessagingMetrics } from '../metrics.js';
import type { Observer } from '../row-histogram.js';
import { failedBy, type Attempt } from './attempt.js';
import type { EventHandler, EventRoute } from './event-route.js';
import { HandlerTimeoutError } from './failures.js';

export interface CallOptions {
  readonly group: string;
  readonly metrics: MessagingMetrics;
  /** How long one call may take. */
  readonly timeoutMs: number;
  readonly now: () => Date;
}

const NO_TRACE = {};
const HANDLED: Attempt = { outcome: 'handled' };

/** Calls the handlers of a group: in the trace of the event, within their time, measured. */
export class HandlerCalls {
  readonly timeoutMs: number;
  private readonly tookSeconds: Observer;
  private readonly ageSeconds: Observer;
  private readonly handled: { inc(events: number): void };

  constructor(private readonly options: CallOptions) {
    const { group, metrics, timeoutMs } = options;
    this.timeoutMs = timeoutMs;
    this.tookSeconds = metrics.handler.of(group);
    this.ageSeconds = metrics.reached.of(group);
    this.handled = metrics.consumed.labels({ group, outcome: 'handled' });
  }

  /** One attempt with events that the same handlers take; never throws. */
  async attempt({ handlers }: EventRoute, events: readonly EventEnvelope[]): Promise<Attempt> {
    const startMs = performance.now();
    try {
      for (const handler of handlers) await this.inTime(this.start(handler, events));
    } catch (error) {
      return failedBy(error, this.measureCall(startMs));
    }
    this.measureCall(startMs);
    this.measureAge(events);
    return HANDLED;
  }

  /** A batch has as many traces as events, and so none of its own. */
  start(handler: EventHandler, events: readonly EventEnvelope[]): Promise<void> {
    const traceparent = events.length === 1 ? events[0]?.traceparent : undefined;
    return writeContext.run(traceparent === undefined ? NO_TRACE : { traceparent }, handler, events);
  }

  /** Returns how long it took. */
  measureCall(startMs: number): number {
    const tookMs = performance.now() - startMs;
    this.tookSeconds.observe(tookMs / 1000);
    return tookMs;
  }

  /** Of events that have just been handled. */
  measureAge(events: readonly EventEnvelope[]): void {
    const now = this.options.now().getTime();
    for (const { time } of events) {
      const ageMs = now - timeMs(time);
      this.ageSeconds.observe(ageMs > 0 ? ageMs / 1000 : 0);
    }
  }

  count(handled: number): void {
    if (handled > 0) this.handled.inc(handled);
  }

  private inTime(work: Promise<void>): Promise<void> {
    const { timeoutMs } = this;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new HandlerTimeoutError(timeoutMs)), timeoutMs);
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        end();
      };
      work.then(
        () => settle(resolve),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }
}
