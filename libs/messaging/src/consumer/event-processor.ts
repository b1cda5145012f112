import { setTimeout as sleep } from 'node:timers/promises';
import type { EventEnvelope } from '#contracts';
import type { IncomingMessage } from '../bus/message-bus.js';
import { decodeEvent, typeOf } from '../cloud-event.js';
import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import { failedBy, type Attempt, type FailedAttempt } from './attempt.js';
import { haveSameHandlers, mergeRoutes, type EventRoute } from './event-route.js';
import { CallsAside } from './calls-aside.js';
import { DatabaseAnswers } from './database-answers.js';
import { FailedBatches } from './failed-batches.js';
import { HandlerTimeoutError } from './failures.js';
import { HandlerCalls } from './handler-calls.js';
import { HandlerLane } from './handler-lane.js';
import { RetryLater } from './outcomes.js';
import { ParkedLines } from './parked-lines.js';
import type { FailedReason, ParkingPlace } from './parking-lot.js';
import type { Next } from './partition-worker.js';
import {
  attemptsWhenParked,
  inlineDelayMs,
  NO_ATTEMPTS,
  outageDelayMs,
  parkedDelayMs,
  patienceMs,
  withFailure,
  type FailedAttempts,
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
  /** How long others wait for one event at most, and are then let past while its handler still runs; 1.4 s by default. */
  readonly patienceMs?: number;
}

const UNEXPECTED_MS = 1_000;
const HANDLER_TIMEOUT_MS = 20_000;
const BATCH = 100;
/** `setTimeout` fires at once for longer times. */
const LONGEST_TIMER_MS = 2_147_483_647;
const abortableSleep = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal });
};

/** Takes one event of a group to its end: handled, skipped, discarded or parked. */
export class EventProcessor {
  private readonly routes: ReadonlyMap<string, EventRoute>;
  private readonly random: () => number;
  private readonly now: () => Date;
  private readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  private readonly calls: HandlerCalls;
  private readonly batches: boolean;
  private readonly failedBatches = new FailedBatches();
  private readonly database: DatabaseAnswers;
  private readonly aside: CallsAside;
  private readonly lines: ParkedLines;

  constructor(private readonly options: ProcessorOptions) {
    this.routes = mergeRoutes(options.routes);
    this.random = options.random ?? Math.random;
    this.now = options.now ?? (() => new Date());
    this.sleep = options.sleep ?? abortableSleep;
    this.batches = [...this.routes.values()].some(({ batched }) => batched);
    const { group, metrics, handlerTimeoutMs: timeoutMs = HANDLER_TIMEOUT_MS } = options;
    this.calls = new HandlerCalls({ group, metrics, timeoutMs, now: this.now });
    const { parkingLot, logger } = options;
    this.lines = new ParkedLines({ group, parkingLot, logger, random: this.random, sleep: this.sleep });
    // Any line will do. Otherwise what looks like an outage is of the event's own making, as an aggregate whose outbox is full.
    this.database = new DatabaseAnswers(() => parkingLot.isParked({ group, topic: '', key: '' }));
    this.aside = new CallsAside({
      group,
      parkingLot,
      database: this.database,
      logger,
      now: this.now,
      lines: this.lines,
      reasonOf: (attempt, failures) => this.reasonOf(attempt, failures),
      onSettled: (messages, attempt) => this.onSettled(messages, attempt),
    });
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
    this.lines.forget();
  }

  /** Resolves when no handler runs that others were let past. */
  idle(): Promise<void> {
    return this.aside.idle();
  }

  /**
   * Takes the first events to their end, several at once where their route takes batches. Returns how many; none when
   * the signal aborted it. Of a batch that failed, only the first half is tried: a poisoned event is found in log n steps.
   * The events of one that took long to fail are handled one by one. A call that takes longer than others can wait is set
   * aside with its events while it still runs, and they are taken as done with.
   * @param next where it may go on by itself.
   */
  processMany(messages: readonly IncomingMessage[], signal: AbortSignal, next?: Next): Promise<number> {
    return this.batches ? this.processBatch(messages, signal) : this.processEach(messages, signal, next);
  }

  private async processEach([first]: readonly IncomingMessage[], signal: AbortSignal, next?: Next): Promise<number> {
    if (first === undefined) return 0;
    const lane = new HandlerLane({
      calls: this.calls,
      routeOf: (message) => this.routeIfUsual(message),
      patienceMs: (message) => this.patienceMs(this.failedBatches.waitedMs(message)),
    });
    const { message, attempt, running } = await lane.run(first, next);
    // With `next`, the one handled last was reported by that.
    if (message === undefined) return next === undefined ? 1 : 0;
    const outcome = running ? await this.leave([message], running, signal) : attempt && (await this.judged(attempt));
    if (running !== undefined && outcome === undefined) return 1;
    return (await this.process(message, signal, outcome)) ? 1 : 0;
  }

  private patienceMs(waitedMs: number): number {
    return patienceMs(waitedMs, this.options.patienceMs);
  }

  /** Undefined when the call is set aside; what it came to, where it ended before. */
  private leave(
    messages: readonly IncomingMessage[],
    running: Promise<Attempt>,
    signal: AbortSignal,
    failures = NO_ATTEMPTS,
  ): Promise<Attempt | undefined> {
    return this.aside.leave({ messages, running: running.then((attempt) => this.judged(attempt)), failures }, signal);
  }

  /** Nothing is known of a handler that hung while the database did. */
  private async judged(attempt: Attempt): Promise<Attempt> {
    if (!('error' in attempt) || !(attempt.error instanceof HandlerTimeoutError)) return attempt;
    return (await this.database.answers()) ? attempt : { ...attempt, outcome: 'outage' };
  }

  /** Of an event that can be handled at once; undefined where it takes more than that. */
  private routeIfUsual(message: IncomingMessage): EventRoute | undefined {
    return this.lines.mayHold(message) ? undefined : this.routeOf(message);
  }

  private async processBatch(messages: readonly IncomingMessage[], signal: AbortSignal): Promise<number> {
    const [first] = messages;
    const route = first && this.routeOf(first);
    if (!first || !route?.batched || this.failedBatches.isSingle(first)) return this.processEach(messages, signal);
    let run = await this.batchAtStart(route, messages, signal);
    while (run.length > 1) {
      const taken = messages.slice(0, run.length);
      const attempt = await this.inPatience(taken, this.calls.attempt(route, run), signal);
      if (attempt === undefined) return run.length;
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

  /** What a call comes to; undefined when it is set aside, as others can't wait for its end. */
  private async inPatience(
    messages: readonly IncomingMessage[],
    call: Promise<Attempt>,
    signal: AbortSignal,
    failures = NO_ATTEMPTS,
  ): Promise<Attempt | undefined> {
    const [first] = messages;
    const waitedMs = Math.max(failures.spentMs, first === undefined ? 0 : this.failedBatches.waitedMs(first));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), Math.min(this.patienceMs(waitedMs), LONGEST_TIMER_MS));
    });
    const attempt = await Promise.race([call, late]);
    clearTimeout(timer);
    return attempt === undefined ? this.leave(messages, call, signal, failures) : this.judged(attempt);
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
      if (!attempt && this.lines.mayHold(message) && (await this.lines.hold(message, signal))) {
        await this.lines.park(message, undefined, signal);
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
      return this.calls.attempt(route, [decodeEvent(route.contract, message)]).then((attempt) => this.judged(attempt));
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
      if (this.lines.mayHold(message) && (await this.lines.hold(message, signal).catch(() => true))) break;
      batch.push(event);
    }
    return batch;
  }

  private async attemptUntilSettled(message: IncomingMessage, signal: AbortSignal, first?: Attempt): Promise<boolean> {
    const firstMs = first !== undefined && 'error' in first ? first.tookMs : 0;
    let failures = { ...NO_ATTEMPTS, spentMs: Math.max(0, this.failedBatches.waitedMs(message) - firstMs) };
    let known = first;
    for (let outages = 0; ;) {
      const attempt = known ?? (await this.inPatience([message], this.attempt(message), signal, failures));
      known = undefined;
      if (attempt === undefined) return true;
      if (!('error' in attempt) || attempt.outcome === 'discarded') return this.settle(message, attempt);
      const isOutage = attempt.outcome === 'outage';
      if (isOutage && !(await this.database.answers())) {
        this.options.logger.warn({ ...placeOf(message), group: this.group, err: attempt.error }, 'database away');
        await this.sleep(outageDelayMs(++outages, this.random()), signal);
        continue;
      }
      // Its time says nothing of the event.
      failures = withFailure(failures, isOutage ? 0 : attempt.tookMs);
      const delayMs = isHopeless(attempt) ? undefined : inlineDelayMs(failures, this.random());
      if (delayMs === undefined) {
        await this.park(message, this.reasonOf(attempt, failures), signal);
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

  /** @param failures with this one. */
  private reasonOf(attempt: FailedAttempt, failures: FailedAttempts): FailedReason {
    const { error } = attempt;
    const attempts = isHopeless(attempt) ? 0 : attemptsWhenParked(failures);
    const afterMs = error instanceof RetryLater ? error.afterMs : undefined;
    const nextAt = new Date(this.now().getTime() + (afterMs ?? parkedDelayMs(attempts, this.random())));
    return { error, nextAt, attempts };
  }

  private async park(message: IncomingMessage, reason: FailedReason, signal: AbortSignal): Promise<void> {
    const { group, metrics } = this.options;
    await this.lines.park(message, reason, signal);
    metrics.consumed.inc({ group, outcome: 'parked' });
    this.logParked(message, reason);
  }

  private logParked(message: IncomingMessage, { error, nextAt, attempts }: FailedReason): void {
    const { group, logger } = this.options;
    const fields = { ...placeOf(message), group, err: error, nextAt };
    if (attempts < 0) logger.warn(fields, 'event set aside, as its attempts take long');
    else logger.error(fields, 'event parked');
  }

  /** A call that was set aside came to its end. */
  private onSettled(messages: readonly IncomingMessage[], attempt: Attempt): void {
    const { group, metrics } = this.options;
    const isParked = 'error' in attempt && attempt.outcome !== 'discarded';
    metrics.consumed.inc({ group, outcome: isParked ? 'parked' : attempt.outcome }, messages.length);
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
