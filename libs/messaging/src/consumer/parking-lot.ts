import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import { databaseTime, DocumentCollection, isDuplicateKey } from '#persistence';
import type { IncomingMessage } from '../bus/message-bus.js';
import { CLAIM_MS } from './claim.js';
import { describeFailure } from './describe-failure.js';
import type { ParkedEvent, ParkedLine } from './parked-event.js';

/** Why an event is parked. */
export interface ParkingReason {
  readonly error: Error;
  readonly nextAt: Date;
  /** As in `ParkedEvent`; 0 by default. */
  readonly attempts?: number;
  /** It is parked while its handler runs. */
  readonly isTried?: boolean;
}

/** Why it stays, after one more attempt. */
export type FailedReason = Pick<Required<ParkingReason>, 'error' | 'nextAt' | 'attempts'>;

/** The parking lot as a group uses it while it consumes. */
export interface ParkingPlace {
  park(group: string, message: IncomingMessage, reason?: ParkingReason): Promise<void>;
  linesOf(group: string): Promise<Set<string>>;
  isParked(line: ParkedLine): Promise<boolean>;
  /** Takes deliveries out, as they are done with. */
  removeAll(group: string, messages: readonly IncomingMessage[]): Promise<void>;
  /** A delivery that was set aside while its handler ran: it failed. Nothing, where it is no longer there. */
  fail(group: string, message: IncomingMessage, reason: FailedReason): Promise<void>;
  /** One that is being tried still is. Nothing, where it no longer is. */
  renew(group: string, message: IncomingMessage): Promise<void>;
}

/**
 * Events set aside, in the service's own database. Later ones of the same group, topic and key queue behind the first,
 * so that order is kept while all other keys flow.
 */
export class ParkingLot extends DocumentCollection<ParkedEvent> implements ParkingPlace {
  private readonly now: () => Date;
  /** The same for all instances. It goes as a value: FerretDB (2.7) refuses `$$NOW` in filters where there are indexes. */
  private readonly sharedNow: () => Promise<Date>;

  /** @param clock instead of the instance's, and instead of the database's where those of instances would be compared. */
  constructor(connection: Connection, clock?: () => Date) {
    super(connection, {
      name: 'parked',
      indexes: [
        [{ group: 1, topic: 1, key: 1, offset: 1 }],
        [{ nextAt: 1 }, { partialFilterExpression: { nextAt: { $exists: true } } }],
        [{ 'error.fingerprint': 1, group: 1 }],
      ],
    });
    this.now = clock ?? (() => new Date());
    this.sharedNow = clock === undefined ? () => databaseTime(connection) : async () => clock();
  }

  /** Sets a delivery aside at the end of its line. Without an error, it only waits behind those before it. */
  async park(group: string, message: IncomingMessage, reason?: ParkingReason): Promise<void> {
    const claim = reason?.isTried === true ? claimedAt(await this.sharedNow()) : {};
    const event = { ...this.toParked(group, message, reason), ...claim };
    try {
      await this.model.insertOne(event);
    } catch (error) {
      // Delivered again after a crash.
      if (!isDuplicateKey(error)) throw error;
    }
    await this.promote(event);
  }

  /** The keys, by topic, that have events parked for a group: `topic|key`. */
  async linesOf(group: string): Promise<Set<string>> {
    const rows = await this.model
      .aggregate<{ _id: { topic: string; key: string } }>([
        { $match: { group } },
        { $group: { _id: { topic: '$topic', key: '$key' } } },
      ])
      .exec();
    return new Set(rows.map(({ _id }) => lineName(_id)));
  }

  async isParked({ group, topic, key }: ParkedLine): Promise<boolean> {
    return (await this.model.exists({ group, topic, key })) !== null;
  }

  /** What is parked, each line in order. */
  list(filter: Partial<ParkedLine> & { limit?: number } = {}): Promise<ParkedEvent[]> {
    const { limit = 100, ...line } = filter;
    return this.model
      .find(line)
      .sort({ group: 1, topic: 1, key: 1, offset: 1 })
      .limit(limit)
      .lean<ParkedEvent[]>()
      .exec();
  }

  /** First ones of their lines whose time has come, of these groups. */
  async due(limit: number, groups: readonly string[]): Promise<ParkedEvent[]> {
    const { free } = await this.claims();
    return this.model
      .find({ nextAt: { $lte: this.now() }, group: { $in: groups }, ...free })
      .sort({ nextAt: 1 })
      .limit(limit)
      .lean<ParkedEvent[]>()
      .exec();
  }

  /** Takes a due event for who asks; false when another tries it or it is not the first of its line. */
  async claim(event: ParkedEvent): Promise<boolean> {
    const [head, now] = await Promise.all([this.headOf(event), this.sharedNow()]);
    if (head !== null && head._id !== event._id) {
      await this.model.updateOne({ _id: event._id }, { $unset: { nextAt: '' } }).exec();
      await this.promote(event);
      return false;
    }
    const { matchedCount } = await this.model
      .updateOne({ _id: event._id, nextAt: event.nextAt, ...freeAt(now) }, { $set: claimedAt(now) })
      .exec();
    return matchedCount === 1;
  }

  /** An event that was claimed is being tried still. Nothing, where its attempt is at its end. */
  async renewClaim({ _id }: Pick<ParkedEvent, '_id'>): Promise<void> {
    const $set = claimedAt(await this.sharedNow());
    await this.model.updateOne({ _id, tryingUntil: { $exists: true } }, { $set }).exec();
  }

  renew(group: string, message: IncomingMessage): Promise<void> {
    return this.renewClaim({ _id: idOf(group, message) });
  }

  /** What events are to fit that nobody tries, and those that somebody does: only the first of a line ever is. */
  async claims() {
    const now = await this.sharedNow();
    return { free: freeAt(now), tried: { nextAt: { $exists: true }, tryingUntil: { $gt: now } } };
  }

  /** An attempt failed, and is at its end: how many did so far, and when the next is made. */
  async postpone({ _id }: Pick<ParkedEvent, '_id'>, { error, nextAt, attempts }: FailedReason): Promise<void> {
    const failure = { nextAt, attempts, error: describeFailure(error), failedAt: this.now() };
    await this.model.updateOne({ _id }, { $set: failure, $unset: { tryingUntil: '' } }).exec();
  }

  /** Ends an event's stay; the next of its line is due at once and returned. */
  async remove(event: ParkedEvent): Promise<ParkedEvent | null> {
    await this.model.deleteOne({ _id: event._id }).exec();
    return this.promote(event);
  }

  async removeAll(group: string, messages: readonly IncomingMessage[]): Promise<void> {
    await this.model.deleteMany({ _id: { $in: messages.map((message) => idOf(group, message)) } }).exec();
    const lines = new Map(messages.map((message) => [lineOf(message), message]));
    for (const message of lines.values()) await this.promote({ group, topic: message.topic, key: keyOf(message) });
  }

  fail(group: string, message: IncomingMessage, reason: FailedReason): Promise<void> {
    return this.postpone({ _id: idOf(group, message) }, reason);
  }

  headOf({ group, topic, key }: ParkedLine): Promise<ParkedEvent | null> {
    return this.model.findOne({ group, topic, key }).sort({ offset: 1 }).lean<ParkedEvent>().exec();
  }

  /** Lines whose first event has no time, because a process ended between two writes, get one. */
  async repair(): Promise<void> {
    const heads = await this.model
      .aggregate<ParkedEvent>([
        { $sort: { group: 1, topic: 1, key: 1, offset: 1 } },
        { $group: { _id: { group: '$group', topic: '$topic', key: '$key' }, nextAt: { $first: '$nextAt' } } },
        { $match: { nextAt: null } },
        { $project: { _id: 0, group: '$_id.group', topic: '$_id.topic', key: '$_id.key' } },
      ])
      .exec();
    for (const line of heads) await this.promote(line);
  }

  /** How many events each group has parked. */
  async countByGroup(): Promise<Map<string, number>> {
    const rows = await this.model
      .aggregate<{ _id: string; events: number }>([
        // Lets the index answer: the events themselves are not read.
        { $sort: { group: 1 } },
        { $group: { _id: '$group', events: { $sum: 1 } } },
      ])
      .exec();
    return new Map(rows.map(({ _id, events }) => [_id, events]));
  }

  /** Called after each change of a line, by whoever changed it: so its first event always gets a time to be tried. */
  async promote(line: ParkedLine): Promise<ParkedEvent | null> {
    const head = await this.headOf(line);
    if (head === null || head.nextAt !== undefined) return head;
    const nextAt = this.now();
    await this.model.updateOne({ _id: head._id, nextAt: { $exists: false } }, { $set: { nextAt } }).exec();
    return { ...head, nextAt };
  }

  private toParked(group: string, message: IncomingMessage, reason?: ParkingReason): ParkedEvent {
    const { topic, partition, offset, value, headers } = message;
    const text = value?.toString('utf8') ?? null;
    const encoding = value === null || Buffer.from(text ?? '').equals(value) ? 'utf8' : 'base64';
    return {
      _id: idOf(group, message),
      group,
      topic,
      partition,
      offset: Number(offset),
      key: keyOf(message),
      value: value === null ? null : value.toString(encoding),
      encoding,
      headers: Object.fromEntries([...headers].map(([name, text]) => [storable(name), text])),
      parkedAt: this.now(),
      attempts: reason?.attempts ?? 0,
      ...(reason === undefined
        ? {}
        : { nextAt: reason.nextAt, error: describeFailure(reason.error), failedAt: this.now() }),
    };
  }
}

const freeAt = (now: Date) => ({ tryingUntil: { $not: { $gt: now } } });

function claimedAt(now: Date) {
  const until = new Date(now.getTime() + CLAIM_MS.lasts);
  return { nextAt: until, tryingUntil: until };
}

/** A topic that was deleted and made anew has other events at the places of those that are parked. */
function idOf(group: string, { topic, partition, offset, headers, value }: IncomingMessage): string {
  const content = headers.get('ce_id') ?? value ?? '';
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 8);
  return `${group}|${topic}|${partition}|${offset}|${digest}`;
}

/** BSON has no field names with NUL: such a message could not be parked, and would hold up its partition for ever. */
const storable = (name: string): string => name.replaceAll('\0', '\uFFFD');

export const lineName = ({ topic, key }: { topic: string; key: string }): string => `${topic}|${key}`;

/** The line that a message waits in. */
export const lineOf = (message: IncomingMessage): string => lineName({ topic: message.topic, key: keyOf(message) });

/** A message without a key has no order to keep. */
export const keyOf = ({ key, partition, offset }: IncomingMessage): string => key ?? `none|${partition}|${offset}`;

/** What was delivered, as it was. */
export const toMessage = (event: ParkedEvent): IncomingMessage => ({
  topic: event.topic,
  partition: event.partition,
  offset: BigInt(event.offset),
  key: event.key.startsWith('none|') ? null : event.key,
  value: event.value === null ? null : Buffer.from(event.value, event.encoding),
  headers: new Map(Object.entries(event.headers)),
});
