import { setTimeout as sleep } from 'node:timers/promises';
import { isTransientDatabaseError, writeContext } from '#persistence';
import type { IncomingMessage } from '../bus/message-bus.js';
import { decodeEvent, InvalidMessageError, typeOf } from '../cloud-event.js';
import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import type { EventRoute } from './event-route.js';
import { Discard, RetryLater } from './outcomes.js';
import { keyOf, lineName, type ParkingPlace } from './parking-lot.js';
import { inlineDelayMs, outageDelayMs, parkedDelayMs } from './retry-schedule.js';

/** What one attempt came to. */
export type Attempt =
  | { readonly outcome: 'handled' | 'skipped' }
  | { readonly outcome: 'discarded' | 'invalid' | 'outage' | 'later' | 'failed'; readonly error: unknown };

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
}

const UNEXPECTED_MS = 1_000;
const abortableSleep = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal });
};

/** Takes one event of a group to its end: handled, skipped, discarded or parked. */
export class EventProcessor {
  private readonly routes: ReadonlyMap<string, EventRoute>;
  /** Lines that may have parked events; what is in here is asked of the database, what is not has none. */
  private parkedLines: Promise<Set<string>> | undefined;
  private readonly random: () => number;
  private readonly now: () => Date;
  private readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;

  constructor(private readonly options: ProcessorOptions) {
    this.routes = mergeRoutes(options.routes);
    this.random = options.random ?? Math.random;
    this.now = options.now ?? (() => new Date());
    this.sleep = options.sleep ?? abortableSleep;
  }

  get group(): string {
    return this.options.group;
  }

  /** Partitions came from another member, which may have parked events: the lines are to be read again. */
  forgetParkedLines(): void {
    this.parkedLines = undefined;
  }

  /** True when the event needs no more attention; false when the signal aborted it, and it has to be delivered again. */
  async process(message: IncomingMessage, signal: AbortSignal): Promise<boolean> {
    const { group, metrics } = this.options;
    if (!this.routes.has(typeOf(message) ?? '')) {
      metrics.consumed.inc({ group, outcome: 'skipped' });
      return true;
    }
    try {
      if (await this.waitsInLine(message, signal)) {
        await this.untilDatabaseAnswers(() => this.options.parkingLot.park(group, message), signal);
        metrics.consumed.inc({ group, outcome: 'parked' });
        return true;
      }
      return await this.attemptUntilSettled(message, signal);
    } catch (error) {
      if (signal.aborted) return false;
      // A defect of this library; the event stays where it is, and others are not harmed.
      this.options.logger.error({ ...placeOf(message), group, err: error }, 'event not processed');
      await this.sleep(UNEXPECTED_MS, signal).catch(() => undefined);
      return false;
    }
  }

  /** One attempt; never throws. */
  async attempt(message: IncomingMessage): Promise<Attempt> {
    const route = this.routes.get(typeOf(message) ?? '');
    if (route === undefined) return { outcome: 'skipped' };
    try {
      const event = decodeEvent(route.contract, message);
      const context = event.traceparent === undefined ? {} : { traceparent: event.traceparent };
      for (const handler of route.handlers) await writeContext.run(context, () => handler(event));
      return { outcome: 'handled' };
    } catch (error) {
      if (error instanceof Discard) return { outcome: 'discarded', error };
      if (error instanceof InvalidMessageError) return { outcome: 'invalid', error };
      if (error instanceof RetryLater) return { outcome: 'later', error };
      if (isTransientDatabaseError(error)) return { outcome: 'outage', error };
      return { outcome: 'failed', error };
    }
  }

  private async attemptUntilSettled(message: IncomingMessage, signal: AbortSignal): Promise<boolean> {
    let failures = 0;
    for (let outages = 0; ;) {
      const attempt = await this.attempt(message);
      if (!('error' in attempt) || attempt.outcome === 'discarded') return this.settle(message, attempt);
      if (attempt.outcome === 'outage') {
        this.options.logger.warn({ ...placeOf(message), group: this.group, err: attempt.error }, 'database away');
        await this.sleep(outageDelayMs(++outages, this.random()), signal);
        continue;
      }
      const delayMs = isHopeless(attempt) ? undefined : inlineDelayMs(++failures, this.random());
      if (delayMs === undefined) {
        await this.park(message, attempt.error, signal);
        return true;
      }
      this.options.metrics.retried.inc({ group: this.group });
      await this.sleep(delayMs, signal);
    }
  }

  private settle(message: IncomingMessage, attempt: Attempt): true {
    const { group, metrics, logger } = this.options;
    if ('error' in attempt) logger.info({ ...placeOf(message), group, err: attempt.error }, 'event discarded');
    metrics.consumed.inc({ group, outcome: attempt.outcome });
    return true;
  }

  private async park(message: IncomingMessage, error: unknown, signal: AbortSignal): Promise<void> {
    const { group, parkingLot, metrics, logger } = this.options;
    const afterMs = error instanceof RetryLater ? error.afterMs : undefined;
    const nextAt = new Date(this.now().getTime() + (afterMs ?? parkedDelayMs(0, this.random())));
    await this.untilDatabaseAnswers(() => parkingLot.park(group, message, { error, nextAt }), signal);
    // Lines that are being read at this moment may miss this one; those read later have it anyway.
    const lines = await this.parkedLines?.catch(() => undefined);
    lines?.add(lineName({ topic: message.topic, key: keyOf(message) }));
    metrics.consumed.inc({ group, outcome: 'parked' });
    logger.error({ ...placeOf(message), group, err: error, nextAt }, 'event parked');
  }

  private async waitsInLine(message: IncomingMessage, signal: AbortSignal): Promise<boolean> {
    const { group, parkingLot } = this.options;
    const line = { group, topic: message.topic, key: keyOf(message) };
    const lines = await this.untilDatabaseAnswers(() => {
      this.parkedLines ??= parkingLot.linesOf(group);
      return this.parkedLines;
    }, signal);
    if (!lines.has(lineName(line))) return false;
    if (await this.untilDatabaseAnswers(() => parkingLot.isParked(line), signal)) return true;
    lines.delete(lineName(line));
    return false;
  }

  private async untilDatabaseAnswers<Result>(ask: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        this.parkedLines = undefined;
        this.options.logger.warn({ group: this.group, err: error }, 'parking lot away');
        await this.sleep(outageDelayMs(attempt, this.random()), signal);
      }
    }
  }
}

/** No second attempt can differ, or the handler asked for a time of its own. */
const isHopeless = (attempt: Extract<Attempt, { error: unknown }>): boolean =>
  attempt.outcome === 'invalid' || (attempt.error instanceof RetryLater && attempt.error.afterMs !== undefined);

const placeOf = ({ topic, partition, offset, key, headers }: IncomingMessage) => ({
  topic,
  partition,
  offset: offset.toString(),
  key,
  eventId: headers['ce_id'],
});

function mergeRoutes(routes: readonly EventRoute[]): Map<string, EventRoute> {
  const merged = new Map<string, EventRoute>();
  for (const { contract, handlers } of routes) {
    const known = merged.get(contract.type)?.handlers ?? [];
    merged.set(contract.type, { contract, handlers: [...known, ...handlers] });
  }
  return merged;
}
