import type { IncomingMessage } from '../src/bus/message-bus.js';
import type { ParkedLine } from '../src/consumer/parked-event.js';
import { lineName, type ParkingPlace, type ParkingReason } from '../src/consumer/parking-lot.js';

/** A parking place in memory, which may be away for some calls. */
export class ListedLot implements ParkingPlace {
  readonly parked: ({ line: string; offset: number } & Partial<ParkingReason>)[] = [];
  awayFor = 0;

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
    return this.parked.some((one) => one.line === lineName(line));
  }

  private mayBeAway(): void {
    if (this.awayFor-- > 0) throw away();
  }
}
export const away = (): Error => Object.assign(new Error('no server'), { name: 'MongoNetworkError' });
