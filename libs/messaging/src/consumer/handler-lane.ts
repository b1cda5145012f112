import type { EventEnvelope } from '#contracts';
import type { IncomingMessage } from '../bus/message-bus.js';
import { decodeEvent } from '../cloud-event.js';
import { failedBy, type Attempt } from './attempt.js';
import type { EventRoute } from './event-route.js';
import { HandlerTimeoutError } from './failures.js';
import type { HandlerCalls } from './handler-calls.js';
import type { Next } from './partition-worker.js';

/** Where a lane ended: at a message that needs more than a call of its handlers, or where nothing was left. */
export interface LaneEnd {
  readonly message?: IncomingMessage;
  /** What it came to, where it was tried. */
  readonly attempt?: Attempt;
}

/** Counted together, as the count takes longer than the rest; seldom enough that nobody sees it lag. */
const COUNTED_TOGETHER = 64;
const SLOW_MS = 5;
const ALL_DONE: LaneEnd = {};

/**
 * Handles the events of a partition one after the other, as long as nothing is out of the ordinary. Nearly all events take
 * this way, so each costs one promise and no timer here: the one of the lane looks how long the running handler has taken,
 * and a lane whose handler hangs is left to itself. Used once.
 */
export class HandlerLane {
  private current: IncomingMessage | undefined;
  private callMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;
  private uncounted = 0;
  private resolve: (end: LaneEnd) => void = () => undefined;

  /** @param routeOf undefined for a message that is not to be handled here. */
  constructor(
    private readonly calls: HandlerCalls,
    private readonly routeOf: (message: IncomingMessage) => EventRoute | undefined,
  ) {}

  run(first: IncomingMessage, next?: Next): Promise<LaneEnd> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      void this.work(first, next);
    });
  }

  /** Never rejects. The handler is awaited here and not in a method of its own, which would be a promise more. */
  private async work(first: IncomingMessage, next?: Next): Promise<void> {
    for (let message: IncomingMessage | undefined = first; message !== undefined; message = next?.()[0]) {
      const route = this.routeOf(message);
      if (route === undefined) return this.end({ message });
      let startMs: number | undefined;
      try {
        const events = [decodeEvent(route.contract, message)];
        startMs = performance.now();
        for (const handler of route.handlers) {
          this.expectEnd(message);
          await this.calls.start(handler, events);
          if (this.ended) return undefined;
        }
        this.onHandled(events, startMs);
      } catch (error) {
        if (this.ended) return undefined;
        const tookMs = startMs === undefined ? 0 : this.calls.measureCall(startMs);
        return this.end({ message, attempt: failedBy(error, tookMs) });
      }
    }
    return this.end(ALL_DONE);
  }

  private expectEnd(message: IncomingMessage): void {
    this.current = message;
    this.callMs = performance.now();
    this.timer ??= setTimeout(() => this.look(), this.calls.timeoutMs);
  }

  private look(): void {
    const { timeoutMs } = this.calls;
    const leftMs = timeoutMs - (performance.now() - this.callMs);
    if (leftMs > 0) this.timer = setTimeout(() => this.look(), leftMs);
    else this.giveUp(new HandlerTimeoutError(timeoutMs));
  }

  private giveUp(error: HandlerTimeoutError): void {
    const message = this.current;
    if (message === undefined) return;
    this.end({ message, attempt: failedBy(error, this.calls.measureCall(this.callMs)) });
  }

  private onHandled(events: readonly EventEnvelope[], startMs: number): void {
    const tookMs = this.calls.measureCall(startMs);
    this.calls.measureAge(events);
    this.uncounted += 1;
    if (this.uncounted >= COUNTED_TOGETHER || tookMs >= SLOW_MS) this.count();
  }

  private count(): void {
    this.calls.count(this.uncounted);
    this.uncounted = 0;
  }

  private end(end: LaneEnd): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.timer);
    this.count();
    this.resolve(end);
  }
}
