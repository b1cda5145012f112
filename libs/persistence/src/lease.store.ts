import type { Connection } from 'mongoose';
import { DocumentCollection } from './collection.js';
import { isDuplicateKey } from './errors.js';

interface LeaseDocument {
  _id: string;
  owner: string;
  /** Goes up with each change of owner: what an owner of before still writes is told by it. */
  fence: number;
  expiresAt: Date;
}
export interface Lease {
  readonly name: string;
  readonly fence: number;
  readonly expiresAt: Date;
}

const FORGET_MS = 60_000;

/**
 * Work that one instance does at a time. Taken by insert and conditional update: an upserting findOneAndUpdate fails
 * in another way on each server when two race.
 */
export class LeaseStore extends DocumentCollection<LeaseDocument> {
  constructor(connection: Connection) {
    super(connection, { name: 'leases', indexes: [] });
  }

  /** Takes the lease, or renews it for its owner; null while another holds it. */
  async acquire(name: string, owner: string, ttlMs: number, now: Date): Promise<Lease | null> {
    const expiresAt = new Date(now.getTime() + ttlMs);
    const held = await this.model.findOne({ _id: name }).lean().exec();
    if (held === null) return this.insert(name, owner, expiresAt);
    if (held.owner !== owner && held.expiresAt > now) return null;
    const fence = held.owner === owner ? held.fence : held.fence + 1;
    const { matchedCount } = await this.model
      .updateOne({ _id: name, owner: held.owner, fence: held.fence }, { $set: { owner, fence, expiresAt } })
      .exec();
    return matchedCount === 1 ? { name, fence, expiresAt } : null;
  }

  /** Whether the lease is still the one that was given: checked right before what it guards is written. */
  async holds(lease: Lease, owner: string): Promise<boolean> {
    return (await this.model.exists({ _id: lease.name, owner, fence: lease.fence })) !== null;
  }

  /** How many leases are held whose names begin so. Those that ended a while ago are forgotten. */
  async countHeld(prefix: string, now: Date): Promise<number> {
    const named = { $gte: prefix, $lt: `${prefix}\uffff` };
    await this.model.deleteMany({ _id: named, expiresAt: { $lt: new Date(now.getTime() - FORGET_MS) } }).exec();
    return this.model.countDocuments({ _id: named, expiresAt: { $gt: now } }).exec();
  }

  /** Lets go at once, so that the next one need not wait for the expiry. */
  async release(lease: Lease, owner: string): Promise<void> {
    const filter = { _id: lease.name, owner, fence: lease.fence };
    await this.model.updateOne(filter, { $set: { expiresAt: new Date(0) } }).exec();
  }

  private async insert(name: string, owner: string, expiresAt: Date): Promise<Lease | null> {
    try {
      await this.driverCollection<LeaseDocument>().insertOne({ _id: name, owner, fence: 1, expiresAt });
      return { name, fence: 1, expiresAt };
    } catch (error) {
      if (isDuplicateKey(error)) return null;
      throw error;
    }
  }
}
