import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import { whileClaimed } from './claim.js';
import type { EventProcessor } from './event-processor.js';
import { RetryLater } from './outcomes.js';
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
  /** How often a claim is renewed. */
  readonly renewMs?: number;
}
const INTERVAL_MS = 1_000;
const BATCH = 100;
/** Lines that are tried at the same time; they have nothing to do with each other. */
const LANES = 8;
/** How long one line is tried at a stretch: it may grow as fast as it is tried, and others are due, too. */
const TURN_MS = 1_000;
const AWAY_MS = 5_000;
/** Lines without a time are looked for at the start and then each minute. */
const REPAIR_EVERY = 60;
const COUNT_EVERY = 10;

/** Tries the first event of each parked line again when its time has come, and all behind it once that works. */
export class ParkedRetrier {
  private readonly processors: ReadonlyMap<string, EventProcessor>;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private readonly lanes = new Set<Promise<void>>();
  /** Due, and taken by no lane yet. */
  private readonly due: ParkedEvent[] = [];
  private finding: Promise<void> | undefined;
  private mayBeMore = false;
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
    await Promise.allSettled([this.running, ...this.lanes]);
  }

  /** Tries all that is due, beside what is tried already. Public for operators and tests, who don't want to wait. */
  async retryDue(): Promise<void> {
    this.mayBeMore = true;
    await Promise.all(Array.from({ length: LANES - this.lanes.size }, () => this.startLane()));
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
      // Not waited for: a handler that takes long keeps its lane, and no other.
      this.retryDue().catch((error: unknown) => this.note(error));
    } catch (error) {
      this.note(error);
    }
  }

  private note(error: unknown): void {
    this.options.logger.debug({ err: error }, 'parked events wait for the database');
  }

  private async count(): Promise<void> {
    const { metrics, parkingLot } = this.options;
    if (metrics === undefined) return;
    const counts = await parkingLot.countByGroup();
    for (const group of new Set([...this.processors.keys(), ...counts.keys()]))
      metrics.parked.set({ group }, counts.get(group) ?? 0);
  }

  private startLane(): Promise<void> {
    const lane = this.work();
    this.lanes.add(lane);
    const end = (): boolean => this.lanes.delete(lane);
    lane.then(end, end);
    return lane;
  }

  private async work(): Promise<void> {
    for (let event = await this.next(); event !== undefined; event = await this.next()) await this.retryLine(event);
  }

  private async next(): Promise<ParkedEvent | undefined> {
    if (this.due.length === 0 && this.mayBeMore)
      await (this.finding ??= this.find().finally(() => {
        this.finding = undefined;
      }));
    return this.stopped ? undefined : this.due.shift();
  }

  private async find(): Promise<void> {
    const found = await this.options.parkingLot.due(BATCH, [...this.processors.keys()]);
    // What was tried is no longer due, so that this ends.
    this.mayBeMore = found.length === BATCH;
    this.due.push(...found);
  }

  private async retryLine(first: ParkedEvent): Promise<void> {
    const { parkingLot } = this.options;
    const processor = this.processors.get(first.group);
    if (processor === undefined) return;
    const untilMs = performance.now() + TURN_MS;
    for (let event: ParkedEvent | null = first; event !== null && !this.stopped;) {
      if (!(await parkingLot.claim(event))) return;
      if (!(await this.attempt(processor, event))) return;
      event = await parkingLot.remove(event);
      // The rest of the line waits behind one that has a time of its own.
      if (event?.nextAt !== undefined && event.nextAt > this.now()) return;
      if (performance.now() < untilMs) continue;
      // The rest is due, after all that was due before it.
      this.mayBeMore = true;
      return;
    }
  }

  /** Whether the event is done with. */
  private async attempt(processor: EventProcessor, event: ParkedEvent): Promise<boolean> {
    const { parkingLot, logger, random = Math.random, renewMs } = this.options;
    const renew = () => parkingLot.renewClaim(event).catch((error: unknown) => this.note(error));
    const attempt = await whileClaimed(processor.attempt(toMessage(event)), renew, renewMs);
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
