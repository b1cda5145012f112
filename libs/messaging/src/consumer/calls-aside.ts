import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage } from '../bus/message-bus.js';
import type { Logger } from '../logger.js';
import type { Attempt, FailedAttempt } from './attempt.js';
import { CLAIM_MS, whileClaimed } from './claim.js';
import type { DatabaseAnswers } from './database-answers.js';
import { StillRunningError } from './failures.js';
import type { ParkedLines } from './parked-lines.js';
import { parallel } from './parallel.js';
import { lineOf, type FailedReason, type ParkingPlace, type ParkingReason } from './parking-lot.js';
import { attemptsWhenParked, withFailure, type FailedAttempts } from './retry-schedule.js';

/** A call of handlers that is not at its end, though others have waited for it long enough. */
export interface LongCall {
  readonly messages: readonly IncomingMessage[];
  /** Never rejects. */
  readonly running: Promise<Attempt>;
  /** Those before this one. */
  readonly failures: FailedAttempts;
}

export interface AsideOptions {
  readonly group: string;
  readonly parkingLot: ParkingPlace;
  readonly database: DatabaseAnswers;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly lines: ParkedLines;
  /** Where an event stands whose call ended in failure, the last of those given. */
  readonly reasonOf: (attempt: FailedAttempt, failures: FailedAttempts) => FailedReason;
  /** 4 s by default. */
  readonly renewMs?: number;
  readonly onSettled: (messages: readonly IncomingMessage[], attempt: Attempt) => void;
}

/** More of them would take from others what they have: the pool of the database, memory, the limits of who is called. */
const AT_ONCE = 8;
const PATIENCE_MS = 500;
const LANES = 8;
const ALL_LEFT = -4;

/**
 * Calls that others no longer wait for. Their events are parked while they still run, so that later ones of their keys
 * queue behind them, and all others go on. One that ends well takes its events out again; for one that does not, they
 * are in the parking lot already. After a crash they are tried from there within 10 s.
 */
export class CallsAside {
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly options: AsideOptions) {}

  /** What the call came to, where it ended before it could be set aside; undefined when nobody needs to wait for it. */
  async leave(call: LongCall, signal: AbortSignal): Promise<Attempt | undefined> {
    const free = await this.untilItIsToBlame(call);
    if (typeof free !== 'function') return free;
    try {
      await this.park(call, signal);
    } catch {
      // Aborted: the partition is another's now, who gets the events as well.
      free();
      return call.running;
    }
    void this.settle(call).finally(free);
    return undefined;
  }

  /** Resolves when none runs. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  /** While the database is slow, all are. Takes a place, and returns how to free it; or what the call came to, if it ends first. */
  private async untilItIsToBlame({ running }: LongCall): Promise<Attempt | (() => void)> {
    for (;;) {
      const prompt = await Promise.race([running, this.options.database.answersPromptly()]);
      if (typeof prompt !== 'boolean') return prompt;
      // At once: others may have waited for the same answer.
      if (prompt && this.running.size < AT_ONCE) return this.takePlace();
      const later = sleep(PATIENCE_MS, undefined, { ref: false });
      const ended = await Promise.race([running, later, ...(prompt ? this.running : [])]);
      if (ended !== undefined) return ended;
    }
  }

  private takePlace(): () => void {
    let resolve: () => void = () => undefined;
    const taken = new Promise<void>((free) => (resolve = free));
    this.running.add(taken);
    return () => {
      this.running.delete(taken);
      resolve();
    };
  }

  private async park(call: LongCall, signal: AbortSignal): Promise<void> {
    const { lines, group, logger } = this.options;
    const { messages } = call;
    const reason = this.stillRunning(call);
    // Each line in its order: what is parked while nothing of its line is becomes the first one, and is tried.
    await parallel(LANES, linesOf(messages), async ([first, ...behind]) => {
      await lines.park(first, reason, signal);
      for (const message of behind) await lines.park(message, undefined, signal);
    });
    const [{ topic, partition, offset } = { topic: '', partition: 0, offset: 0n }] = messages;
    const place = { topic, partition, offset: offset.toString(), events: messages.length };
    logger.warn({ group, ...place }, 'events set aside, as their handler takes long');
  }

  private stillRunning({ messages, failures }: LongCall): ParkingReason {
    const nextAt = new Date(this.options.now().getTime() + CLAIM_MS.lasts);
    const attempts = messages.length > 1 ? ALL_LEFT : attemptsWhenParked(failures);
    return { error: new StillRunningError(), nextAt, attempts, isTried: true };
  }

  private async settle(call: LongCall): Promise<void> {
    const { group, parkingLot, onSettled, logger } = this.options;
    const { messages } = call;
    try {
      const attempt = await this.end(call);
      const isDone = !('error' in attempt) || attempt.outcome === 'discarded';
      if (isDone) await parkingLot.removeAll(group, messages);
      else await this.fail(call, this.reasonOf(call, attempt));
      onSettled(messages, attempt);
    } catch (error) {
      logger.debug({ group, err: error }, 'events set aside are tried again later');
    }
  }

  /** Meanwhile, nobody tries its events: after a crash they need not wait for as long as the call might have taken. */
  private end({ messages, running }: LongCall): Promise<Attempt> {
    const { group, parkingLot, logger, renewMs } = this.options;
    const renew = () =>
      parallel(LANES, linesOf(messages), ([first]) => parkingLot.renew(group, first)).catch((error: unknown) =>
        logger.debug({ group, err: error }, 'events set aside may be tried beside their call'),
      );
    return whileClaimed(running, renew, renewMs);
  }

  private async fail({ messages }: LongCall, reason: FailedReason): Promise<void> {
    const { group, parkingLot } = this.options;
    await parallel(LANES, linesOf(messages), ([first]) => parkingLot.fail(group, first, reason));
  }

  private reasonOf({ messages, failures }: LongCall, attempt: FailedAttempt): FailedReason {
    const { error, outcome, tookMs } = attempt;
    const nextAt = this.options.now();
    // Which of several is to blame is found when each is tried by itself.
    if (messages.length > 1) return { error, nextAt, attempts: ALL_LEFT };
    if (outcome === 'outage') return { error, nextAt, attempts: attemptsWhenParked(failures) };
    return this.options.reasonOf(attempt, withFailure(failures, tookMs));
  }
}

/** Those of each line, in their order. */
function linesOf(messages: readonly IncomingMessage[]): [IncomingMessage, ...IncomingMessage[]][] {
  const lines = new Map<string, [IncomingMessage, ...IncomingMessage[]]>();
  for (const message of messages) {
    const line = lines.get(lineOf(message));
    if (line === undefined) lines.set(lineOf(message), [message]);
    else line.push(message);
  }
  return [...lines.values()];
}
