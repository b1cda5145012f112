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
  /** What it will come to, where others have waited for it long enough. */
  readonly running?: Promise<Attempt>;
}
export interface LaneOptions {
  readonly calls: HandlerCalls;
  /** Undefined for a message that is not to be handled here. */
  readonly routeOf: (message: IncomingMessage) => EventRoute | undefined;
  /** How long others wait for the message, from the begin of its call. */
  readonly patienceMs: (message: IncomingMessage) => number;
}

/** Counted together, as the count takes longer than the rest; seldom enough that nobody sees it lag. */
const COUNTED_TOGETHER = 64;
const SLOW_MS = 5;
const ALL_DONE: LaneEnd = {};
const HANDLED: Attempt = { outcome: 'handled' };

/**
 * Handles the events of a partition one after the other, as long as nothing is out of the ordinary. Nearly all events take
 * this way, so each costs one promise and no timer here: the one of the lane looks how long the running handler has taken,
 * and a lane whose handler takes long, or hangs, is left to itself. Used once.
 */
export class HandlerLane {
  private current: IncomingMessage | undefined;
  /** When the handlers of the message were called, and the one of them that runs. */
  private startMs = 0;
  private callMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;
  private uncounted = 0;
  private isLeft = false;
  private resolve: (end: LaneEnd) => void = () => undefined;
  private readonly calls: HandlerCalls;

  constructor(private readonly options: LaneOptions) {
    this.calls = options.calls;
  }

  run(first: IncomingMessage, next?: Next): Promise<LaneEnd> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      void this.work(first, next);
    });
  }

  /** Never rejects. The handler is awaited here and not in a method of its own, which would be a promise more. */
  private async work(first: IncomingMessage, next?: Next): Promise<void> {
    for (let message: IncomingMessage | undefined = first; message !== undefined; message = next?.()[0]) {
      const route = this.options.routeOf(message);
      if (route === undefined) return this.end({ message });
      let startMs: number | undefined;
      try {
        const events = [decodeEvent(route.contract, message)];
        startMs = this.startMs = performance.now();
        for (const handler of route.handlers) {
          this.expectEnd(message);
          await this.calls.start(handler, events);
          if (this.ended) return undefined;
        }
        this.onHandled(events, startMs);
        if (this.isLeft) return this.end({ message, attempt: HANDLED });
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
    this.timer ??= setTimeout(() => this.look(), Math.min(this.calls.timeoutMs, this.options.patienceMs(message)));
  }

  private look(): void {
    const message = this.current;
    if (message === undefined) return;
    const { timeoutMs } = this.calls;
    const now = performance.now();
    const leftMs = timeoutMs - (now - this.callMs);
    const patienceMs = this.isLeft ? Infinity : this.options.patienceMs(message) - (now - this.startMs);
    if (leftMs <= 0) return this.end(this.givenUp(message, new HandlerTimeoutError(timeoutMs)));
    if (patienceMs <= 0) this.leave(message);
    this.timer = setTimeout(() => this.look(), patienceMs > 0 ? Math.min(leftMs, patienceMs) : leftMs);
  }

  /** The lane goes on for this message alone: what it comes to is told by the promise. */
  private leave(message: IncomingMessage): void {
    this.isLeft = true;
    this.count();
    const resolve = this.resolve;
    const running = new Promise<Attempt>((settle) => {
      this.resolve = ({ attempt = HANDLED }) => settle(attempt);
    });
    resolve({ message, running });
  }

  private givenUp(message: IncomingMessage, error: HandlerTimeoutError): LaneEnd {
    return { message, attempt: failedBy(error, this.calls.measureCall(this.callMs)) };
  }

  private onHandled(events: readonly EventEnvelope[], startMs: number): void {
    const tookMs = this.calls.measureCall(startMs);
    this.calls.measureAge(events);
    // Counted by who was told of it.
    if (!this.isLeft) this.uncounted += 1;
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
