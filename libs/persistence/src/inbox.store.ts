import type { Connection } from 'mongoose';
import { DocumentCollection } from './collection.js';
import { isDuplicateKey } from './errors.js';

interface InboxDocument {
  /** `consumer|event id` */
  _id: string;
  done: boolean;
  at: Date;
}
const KEPT_SECONDS = 14 * 24 * 3600;

/**
 * For effects outside of the database (a payment, a mail): remembers which events have had theirs, for 14 days. An effect
 * that was cut off runs again, so it needs an idempotency key of its own, made from the event's id.
 */
export class InboxStore extends DocumentCollection<InboxDocument> {
  constructor(
    connection: Connection,
    private readonly now: () => Date = () => new Date(),
  ) {
    super(connection, { name: 'inbox', indexes: [[{ at: 1 }, { expireAfterSeconds: KEPT_SECONDS }]] });
  }

  /** False when the effect has been done before. */
  async once(consumer: string, eventId: string, effect: () => Promise<void>): Promise<boolean> {
    const _id = `${consumer}|${eventId}`;
    try {
      await this.driverCollection<InboxDocument>().insertOne({ _id, done: false, at: this.now() });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const known = await this.model.findOne({ _id }).lean().exec();
      if (known?.done === true) return false;
    }
    await effect();
    await this.model.updateOne({ _id }, { $set: { done: true } }).exec();
    return true;
  }
}
