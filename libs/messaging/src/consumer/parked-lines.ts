import type { IncomingMessage } from '../bus/message-bus.js';
import type { Logger } from '../logger.js';
import { keyOf, lineOf, type ParkingPlace, type ParkingReason } from './parking-lot.js';
import { outageDelayMs } from './retry-schedule.js';

export interface LinesOptions {
  readonly group: string;
  readonly parkingLot: ParkingPlace;
  readonly logger: Logger;
  readonly random: () => number;
  /** Waits; rejects when aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Which lines of a group have parked events: known well enough that nearly every event is let through unasked. */
export class ParkedLines {
  /** Lines that may have parked events; what is in here is asked of the database, what is not has none. */
  private lines: Promise<Set<string>> | undefined;
  /** The same once they have been read, so that nearly every event can be let through without waiting for anything. */
  private linesRead: Set<string> | undefined;

  constructor(private readonly options: LinesOptions) {}

  /** They are to be read again. */
  forget(): void {
    this.lines = undefined;
    this.linesRead = undefined;
  }

  /** False for certain when nothing of its line is parked; otherwise the database is to be asked. */
  mayHold(message: IncomingMessage): boolean {
    const lines = this.linesRead;
    if (lines === undefined) return true;
    return lines.size > 0 && lines.has(lineOf(message));
  }

  /** Whether events of the message's line are parked. @throws when the signal aborts it. */
  async hold(message: IncomingMessage, signal: AbortSignal): Promise<boolean> {
    const { group, parkingLot } = this.options;
    const lines = await this.untilDatabaseAnswers(() => {
      this.lines ??= this.read();
      return this.lines;
    }, signal);
    const line = lineOf(message);
    if (!lines.has(line)) return false;
    const { topic } = message;
    const asked = () => parkingLot.isParked({ group, topic, key: keyOf(message) });
    if (await this.untilDatabaseAnswers(asked, signal)) return true;
    lines.delete(line);
    return false;
  }

  /** Parks, however often it has to ask. @throws when the signal aborts it. */
  async park(message: IncomingMessage, reason: ParkingReason | undefined, signal: AbortSignal): Promise<void> {
    const { group, parkingLot } = this.options;
    await this.untilDatabaseAnswers(() => parkingLot.park(group, message, reason), signal);
    // Lines that are being read at this moment may miss this one; those read later have it anyway.
    const lines = await this.lines?.catch(() => undefined);
    lines?.add(lineOf(message));
  }

  private read(): Promise<Set<string>> {
    const reading = this.options.parkingLot.linesOf(this.options.group);
    const whenRead = (lines: Set<string>): void => {
      // Forgotten meanwhile: others have come, and these may be too few.
      if (this.lines === reading) this.linesRead = lines;
    };
    reading.then(whenRead, () => undefined);
    return reading;
  }

  private async untilDatabaseAnswers<Result>(ask: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const { group, logger, random, sleep } = this.options;
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        this.forget();
        logger.warn({ group, err: error }, 'parking lot away');
        await sleep(outageDelayMs(attempt, random()), signal);
      }
    }
  }
}
