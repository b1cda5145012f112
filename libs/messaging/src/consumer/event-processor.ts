import { setTimeout as sleep } from 'node:timers/promises';
import type { EventEnvelope } from '#contracts';
import type { IncomingMessage } from '../bus/message-bus.js';
import { decodeEvent, typeOf } from '../cloud-event.js';
import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import { failedBy, type Attempt, type FailedAttempt } from './attempt.js';
import { haveSameHandlers, mergeRoutes, type EventRoute } from './event-route.js';
import { FailedBatches } from './failed-batches.js';
import { HandlerCalls } from './handler-calls.js';
import { HandlerLane } from './handler-lane.js';
import { RetryLater } from './outcomes.js';
import { keyOf, lineName, type ParkingPlace } from './parking-lot.js';
import type { Next } from './partition-worker.js';
import {
  attemptsWhenParked,
  inlineDelayMs,
  NO_ATTEMPTS,
  outageDelayMs,
  parkedDelayMs,
  withFailure,
} from './retry-schedule.js';

export interface ProcessorOptions {
  readonly group: string;
  readonly routes: readonly EventRoute[];
  readonly parkingLot: ParkingPlace;
  readonly metrics: MessagingMetrics;
  readonly logger: Logger;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly now?: () => Date;
  /** Waits; rejects when aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** How long a handler may take; 20 s by default, so that one that hangs holds up its partition no longer. */
  readonly handlerTimeoutMs?: number;
}

const UNEXPECTED_MS = 1_000;
const HANDLER_TIMEOUT_MS = 20_000;
const BATCH = 100;
const abortableSleep = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal });
};

/** Takes one event of a group to its end: handled, skipped, discarded or parked. */
export class EventProcessor {
  private readonly routes: ReadonlyMap<string, EventRoute>;
  /** Lines that may have parked events; what is in here is asked of the database, what is not has none. */
  private parkedLines: Promise<Set<string>> | undefined;
  /** The same once they have been read, so that nearly every event can be let through without waiting for anything. */
  private linesRead: Set<string> | undefined;
  private readonly random: () => number;
  private readonly now: () => Date;
  private readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  private readonly calls: HandlerCalls;
  private readonly batches: boolean;
  private readonly failedBatches = new FailedBatches();

  constructor(private readonly options: ProcessorOptions) {
    this.routes = mergeRoutes(options.routes);
    this.random = options.random ?? Math.random;
    this.now = options.now ?? (() => new Date());
    this.sleep = options.sleep ?? abortableSleep;
    this.batches = [...this.routes.values()].some(({ batched }) => batched);
    const { group, metrics, handlerTimeoutMs: timeoutMs = HANDLER_TIMEOUT_MS } = options;
    this.calls = new HandlerCalls({ group, metrics, timeoutMs, now: this.now });
  }

  get group(): string {
    return this.options.group;
  }

  /** How many events it takes at once, at most. */
  get batchSize(): number {
    return this.batches ? BATCH : 1;
  }

  /** Whether somebody in the group handles events of the message's type. */
  handles(message: IncomingMessage): boolean {
    return this.routes.has(typeOf(message) ?? '');
  }

  /** Partitions came from another member, which may have parked events: the lines are to be read again. */
  forgetParkedLines(): void {
    this.parkedLines = undefined;
    this.linesRead = undefined;
  }

  /**
   * Takes the first events to their end, several at once where their route takes batches. Returns how many; none when
   * the signal aborted it. Of a batch that failed, only the first half is tried: a poisoned event is found in log n steps.
   * The events of one that took long to fail are handled one by one: no more than one of them takes that long once more.
   * @param next where it may go on by itself.
   */
  processMany(messages: readonly IncomingMessage[], signal: AbortSignal, next?: Next): Promise<number> {
    return this.batches ? this.processBatch(messages, signal) : this.processEach(messages, signal, next);
  }

  private async processEach([first]: readonly IncomingMessage[], signal: AbortSignal, next?: Next): Promise<number> {
    if (first === undefined) return 0;
    const { message, attempt } = await new HandlerLane(this.calls, (one) => this.routeIfUsual(one)).run(first, next);
    // With `next`, the one handled last was reported by that.
    if (message === undefined) return next === undefined ? 1 : 0;
    return (await this.process(message, signal, attempt)) ? 1 : 0;
  }

  /** Of an event that can be handled at once; undefined where it takes more than that. */
  private routeIfUsual(message: IncomingMessage): EventRoute | undefined {
    return this.mayWaitInLine(message) ? undefined : this.routeOf(message);
  }

  private async processBatch(messages: readonly IncomingMessage[], signal: AbortSignal): Promise<number> {
    const [first] = messages;
    const route = first && this.routeOf(first);
    if (!first || !route?.batched || this.failedBatches.isSingle(first)) return this.processEach(messages, signal);
    let run = await this.batchAtStart(route, messages, signal);
    while (run.length > 1) {
      const attempt = await this.calls.attempt(route, run);
      if (!('error' in attempt)) {
        this.options.metrics.consumed.inc({ group: this.group, outcome: attempt.outcome }, run.length);
        return run.length;
      }
      if (attempt.outcome === 'outage') break;
      this.failedBatches.note(first, messages[run.length - 1] ?? first, attempt.tookMs);
      if (this.failedBatches.isSingle(first)) break;
      run = run.slice(0, Math.ceil(run.length / 2));
    }
    return this.processEach(messages, signal);
  }

  /**
   * True when the event needs no more attention; false when the signal aborted it, and it has to be delivered again.
   * @param attempt what the first attempt came to, where there was one.
   */
  async process(message: IncomingMessage, signal: AbortSignal, attempt?: Attempt): Promise<boolean> {
    const { group, metrics } = this.options;
    if (!this.routes.has(typeOf(message) ?? '')) {
      metrics.consumed.inc({ group, outcome: 'skipped' });
      return true;
    }
    try {
      if (!attempt && this.mayWaitInLine(message) && (await this.waitsInLine(message, signal))) {
        await this.untilDatabaseAnswers(() => this.options.parkingLot.park(group, message), signal);
        metrics.consumed.inc({ group, outcome: 'parked' });
        return true;
      }
      return await this.attemptUntilSettled(message, signal, attempt);
    } catch (error) {
      if (signal.aborted) return false;
      // A defect of this library; the event stays where it is, and others are not harmed.
      this.options.logger.error({ ...placeOf(message), group, err: error }, 'event not processed');
      await this.sleep(UNEXPECTED_MS, signal).catch(() => undefined);
      return false;
    }
  }

  /** One attempt with an event; never throws. */
  attempt(message: IncomingMessage): Promise<Attempt> {
    const route = this.routeOf(message);
    if (route === undefined) return Promise.resolve({ outcome: 'skipped' });
    try {
      return this.calls.attempt(route, [decodeEvent(route.contract, message)]);
    } catch (error) {
      return Promise.resolve(failedBy(error));
    }
  }

  private routeOf(message: IncomingMessage): EventRoute | undefined {
    return this.routes.get(typeOf(message) ?? '');
  }

  /** The events at the start that one call of a batch handler can take: all its own, valid, and behind no parked one. */
  private async batchAtStart(
    first: EventRoute,
    messages: readonly IncomingMessage[],
    signal: AbortSignal,
  ): Promise<EventEnvelope[]> {
    const batch: EventEnvelope[] = [];
    for (const message of messages) {
      const route = this.routeOf(message);
      if (route === undefined || !haveSameHandlers(route, first)) break;
      const event = decodeIfValid(route, message);
      if (event === undefined) break;
      // An abort while the parking lot is away; the caller then meets it again.
      if (this.mayWaitInLine(message) && (await this.waitsInLine(message, signal).catch(() => true))) break;
      batch.push(event);
    }
    return batch;
  }

  private async attemptUntilSettled(message: IncomingMessage, signal: AbortSignal, first?: Attempt): Promise<boolean> {
    const firstMs = first !== undefined && 'error' in first ? first.tookMs : 0;
    let failures = { ...NO_ATTEMPTS, spentMs: Math.max(0, this.failedBatches.waitedMs(message) - firstMs) };
    let known = first;
    for (let outages = 0; ;) {
      const attempt: Attempt = known ?? (await this.attempt(message));
      known = undefined;
      if (!('error' in attempt) || attempt.outcome === 'discarded') return this.settle(message, attempt);
      const isOutage = attempt.outcome === 'outage';
      if (isOutage && !(await this.databaseAnswers(message))) {
        this.options.logger.warn({ ...placeOf(message), group: this.group, err: attempt.error }, 'database away');
        await this.sleep(outageDelayMs(++outages, this.random()), signal);
        continue;
      }
      // Its time says nothing of the event.
      failures = withFailure(failures, isOutage ? 0 : attempt.tookMs);
      const delayMs = isHopeless(attempt) ? undefined : inlineDelayMs(failures, this.random());
      if (delayMs === undefined) {
        const attempts = isHopeless(attempt) ? 0 : attemptsWhenParked(failures);
        await this.park(message, attempt.error, attempts, signal);
        return true;
      }
      this.options.metrics.retried.inc({ group: this.group });
      await this.sleep(delayMs, signal);
      failures = { ...failures, spentMs: failures.spentMs + delayMs };
    }
  }

  private settle(message: IncomingMessage, attempt: Attempt): true {
    const { group, metrics, logger } = this.options;
    if ('error' in attempt) logger.info({ ...placeOf(message), group, err: attempt.error }, 'event discarded');
    metrics.consumed.inc({ group, outcome: attempt.outcome });
    return true;
  }

  private async park(message: IncomingMessage, error: Error, attempts: number, signal: AbortSignal): Promise<void> {
    const { group, parkingLot, metrics, logger } = this.options;
    const afterMs = error instanceof RetryLater ? error.afterMs : undefined;
    const nextAt = new Date(this.now().getTime() + (afterMs ?? parkedDelayMs(attempts, this.random())));
    await this.untilDatabaseAnswers(() => parkingLot.park(group, message, { error, nextAt, attempts }), signal);
    // Lines that are being read at this moment may miss this one; those read later have it anyway.
    const lines = await this.parkedLines?.catch(() => undefined);
    lines?.add(lineName({ topic: message.topic, key: keyOf(message) }));
    metrics.consumed.inc({ group, outcome: 'parked' });
    const fields = { ...placeOf(message), group, err: error, nextAt };
    if (attempts < 0) logger.warn(fields, 'event set aside, as its attempts take long');
    else logger.error(fields, 'event parked');
  }

  /** Otherwise what looks like an outage is of the event's own making, as an aggregate whose outbox is full. */
  private databaseAnswers(message: IncomingMessage): Promise<boolean> {
    const line = { group: this.group, topic: message.topic, key: keyOf(message) };
    return this.options.parkingLot.isParked(line).then(
      () => true,
      () => false,
    );
  }

  /** False for certain when nothing of its line is parked; otherwise the database is to be asked. */
  private mayWaitInLine(message: IncomingMessage): boolean {
    const lines = this.linesRead;
    if (lines === undefined) return true;
    return lines.size > 0 && lines.has(lineName({ topic: message.topic, key: keyOf(message) }));
  }

  private async waitsInLine(message: IncomingMessage, signal: AbortSignal): Promise<boolean> {
    const { group, parkingLot } = this.options;
    const line = { group, topic: message.topic, key: keyOf(message) };
    const lines = await this.untilDatabaseAnswers(() => {
      this.parkedLines ??= this.readLines();
      return this.parkedLines;
    }, signal);
    if (!lines.has(lineName(line))) return false;
    if (await this.untilDatabaseAnswers(() => parkingLot.isParked(line), signal)) return true;
    lines.delete(lineName(line));
    return false;
  }

  private readLines(): Promise<Set<string>> {
    const reading = this.options.parkingLot.linesOf(this.group);
    const whenRead = (lines: Set<string>): void => {
      // Forgotten meanwhile: others have come, and these may be too few.
      if (this.parkedLines === reading) this.linesRead = lines;
    };
    reading.then(whenRead, () => undefined);
    return reading;
  }

  private async untilDatabaseAnswers<Result>(ask: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        this.forgetParkedLines();
        this.options.logger.warn({ group: this.group, err: error }, 'parking lot away');
        await this.sleep(outageDelayMs(attempt, this.random()), signal);
      }
    }
  }
}

/** Another attempt now is of no use, or the handler asked for a time of its own. */
const isHopeless = (attempt: FailedAttempt): boolean =>
  attempt.outcome === 'permanent' || (attempt.error instanceof RetryLater && attempt.error.afterMs !== undefined);

const placeOf = ({ topic, partition, offset, key, headers }: IncomingMessage) => ({
  topic,
  partition,
  offset: offset.toString(),
  key,
  eventId: headers.get('ce_id'),
});

function decodeIfValid({ contract }: EventRoute, message: IncomingMessage): EventEnvelope | undefined {
  try {
    return decodeEvent(contract, message);
  } catch {
    return undefined;
  }
}
