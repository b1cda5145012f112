import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import type { EventProcessor } from './event-processor.js';
import { RetryLater } from './outcomes.js';
import { parallel } from './parallel.js';
import type { ParkedEvent } from './parked-event.js';
import { toMessage, type ParkingLot } from './parking-lot.js';
import { attemptsAfter, parkedDelayMs } from './retry-schedule.js';

export interface RetrierOptions {
  readonly parkingLot: ParkingLot;
  readonly processors: readonly EventProcessor[];
  readonly logger: Logger;
  readonly metrics?: MessagingMetrics;
  readonly now?: () => Date;
  readonly random?: () => number;
  readonly intervalMs?: number;
}
const INTERVAL_MS = 1_000;
const BATCH = 100;
/** Lines that are tried at the same time; they have nothing to do with each other. */
const LANES = 8;
const AWAY_MS = 5_000;
/** Lines without a time are looked for at the start and then each minute. */
const REPAIR_EVERY = 60;
const COUNT_EVERY = 10;

/** Tries the first event of each parked line again when its time has come, and all behind it once that works. */
export class ParkedRetrier {
  private readonly processors: ReadonlyMap<string, EventProcessor>;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private ticks = 0;
  private stopped = false;

  constructor(private readonly options: RetrierOptions) {
    this.processors = new Map(options.processors.map((processor) => [processor.group, processor]));
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), this.options.intervalMs ?? INTERVAL_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Tries all that is due. Public for operators and tests, who don't want to wait. */
  async retryDue(): Promise<void> {
    const groups = [...this.processors.keys()];
    let taken: number;
    do {
      taken = 0;
      await parallel(LANES, await this.options.parkingLot.due(BATCH, groups), async (event) => {
        if (await this.retryLine(event)) taken++;
      });
      // What was taken is no longer due, so that this ends.
    } while (taken === BATCH && !this.stopped);
  }

  private tick(): void {
    const tick = this.ticks++;
    this.running ??= this.run(tick).finally(() => {
      this.running = undefined;
    });
  }

  private async run(tick: number): Promise<void> {
    try {
      if (tick % REPAIR_EVERY === 0) await this.options.parkingLot.repair();
      if (tick % COUNT_EVERY === 0) await this.count();
      await this.retryDue();
    } catch (error) {
      this.options.logger.debug({ err: error }, 'parked events wait for the database');
    }
  }

  private async count(): Promise<void> {
    const { metrics, parkingLot } = this.options;
    if (metrics === undefined) return;
    const counts = await parkingLot.countByGroup();
    for (const group of new Set([...this.processors.keys(), ...counts.keys()]))
      metrics.parked.set({ group }, counts.get(group) ?? 0);
  }

  /** Whether there was something of the line to try. */
  private async retryLine(first: ParkedEvent): Promise<boolean> {
    const { parkingLot } = this.options;
    const processor = this.processors.get(first.group);
    if (processor === undefined) return false;
    let taken = false;
    for (let event: ParkedEvent | null = first; event !== null && !this.stopped;) {
      if (!(await parkingLot.claim(event))) return taken;
      taken = true;
      if (!(await this.attempt(processor, event))) return taken;
      event = await parkingLot.remove(event);
      // The rest of the line waits behind one that has a time of its own.
      if (event?.nextAt !== undefined && event.nextAt > this.now()) return taken;
    }
    return taken;
  }

  /** Whether the event is done with. */
  private async attempt(processor: EventProcessor, event: ParkedEvent): Promise<boolean> {
    const { parkingLot, logger, random = Math.random } = this.options;
    const attempt = await processor.attempt(toMessage(event));
    if (!('error' in attempt) || attempt.outcome === 'discarded') {
      logger.info({ parked: event._id, outcome: attempt.outcome }, 'parked event done');
      return true;
    }
    const { error, outcome } = attempt;
    const away = outcome === 'outage';
    const asked = error instanceof RetryLater ? error.afterMs : undefined;
    const attempts = away ? event.attempts : attemptsAfter(event.attempts, outcome === 'permanent');
    const delayMs = away ? AWAY_MS : (asked ?? parkedDelayMs(attempts, random()));
    await parkingLot.postpone(event, { error, nextAt: new Date(this.now().getTime() + delayMs), attempts });
    return false;
  }

  private now(): Date {
    return this.options.now?.() ?? new Date();
  }
}
