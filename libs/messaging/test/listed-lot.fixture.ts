import type { IncomingMessage } from '../src/bus/message-bus.js';
import type { ParkedLine } from '../src/consumer/parked-event.js';
import { lineName, type FailedReason, type ParkingPlace, type ParkingReason } from '../src/consumer/parking-lot.js';

/** A parking place in memory, which may be away for some calls. */
export class ListedLot implements ParkingPlace {
  readonly parked: ({ line: string; offset: number } & Partial<ParkingReason>)[] = [];
  renewed = 0;
  awayFor = 0;
  /** Questions, and those that are not answered yet. */
  asked = 0;
  waiting = 0;
  private frozen: Promise<void> | undefined;
  private melt: () => void = () => undefined;

  /** From now on, questions wait for the thaw. */
  freeze(): void {
    this.frozen = new Promise((resolve) => (this.melt = resolve));
  }

  thaw(): void {
    this.melt();
    this.frozen = undefined;
  }

  async park(_group: string, message: IncomingMessage, reason?: ParkingReason): Promise<void> {
    this.mayBeAway();
    this.parked.push({ line: `${message.topic}|${message.key}`, offset: Number(message.offset), ...reason });
  }

  async linesOf(): Promise<Set<string>> {
    this.mayBeAway();
    return new Set(this.parked.map(({ line }) => line));
  }

  async isParked(line: ParkedLine): Promise<boolean> {
    this.mayBeAway();
    this.asked++;
    this.waiting++;
    await this.frozen;
    this.waiting--;
    return this.parked.some((one) => one.line === lineName(line));
  }

  async removeAll(_group: string, messages: readonly IncomingMessage[]): Promise<void> {
    this.mayBeAway();
    for (const { offset } of messages) {
      const index = this.indexOf(offset);
      if (index >= 0) this.parked.splice(index, 1);
    }
  }

  async fail(_group: string, { offset }: IncomingMessage, reason: FailedReason): Promise<void> {
    this.mayBeAway();
    const parked = this.parked[this.indexOf(offset)];
    if (parked !== undefined) Object.assign(parked, reason, { isTried: undefined });
  }

  async renew(_group: string, { offset }: IncomingMessage): Promise<void> {
    this.mayBeAway();
    if (this.parked[this.indexOf(offset)]?.isTried === true) this.renewed++;
  }

  private indexOf(offset: bigint): number {
    return this.parked.findIndex((one) => one.offset === Number(offset));
  }

  private mayBeAway(): void {
    if (this.awayFor-- > 0) throw away();
  }
}
export const away = (): Error => Object.assign(new Error('no server'), { name: 'MongoNetworkError' });
