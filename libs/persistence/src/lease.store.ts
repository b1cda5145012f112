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
}

const FORGET_MS = 60_000;
const FREE = new Date(0);

/**
 * Work that one instance does at a time. Time is the database's, as the clocks of instances may differ: one that is ahead
 * would keep what it held for as much longer when it is gone, one that is behind could keep nothing. Taken by insert and
 * conditional update: an upserting findOneAndUpdate fails in another way on each server when two race.
 */
export class LeaseStore extends DocumentCollection<LeaseDocument> {
  /** @param clock instead of the database's. */
  constructor(
    connection: Connection,
    private readonly clock?: () => Date,
  ) {
    super(connection, { name: 'leases', indexes: [] });
  }

  /** Takes the lease, or renews it for its owner; null while another holds it. */
  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | null> {
    // Before it is taken: FerretDB (2.7) does not know its own time in a collection that is not there.
    if ((await this.model.exists({ _id: name })) === null) await this.insertFree(name);
    return this.take(name, owner, ttlMs);
  }

  /** Whether the lease is still the one that was given: checked right before what it guards is written. */
  async holds(lease: Lease, owner: string): Promise<boolean> {
    return (await this.model.exists({ _id: lease.name, owner, fence: lease.fence })) !== null;
  }

  /** How many leases are held whose names begin so. Those that ended a while ago are forgotten. */
  async countHeld(prefix: string): Promise<number> {
    const named = { $gte: prefix, $lt: `${prefix}\uffff` };
    const longAgo = { $lt: ['$expiresAt', { $subtract: [this.now, FORGET_MS] }] };
    await this.model.deleteMany({ _id: named, $expr: longAgo }).exec();
    return this.model.countDocuments({ _id: named, $expr: { $gt: ['$expiresAt', this.now] } }).exec();
  }

  /** Lets go at once, so that the next one need not wait for the expiry. */
  async release(lease: Lease, owner: string): Promise<void> {
    const filter = { _id: lease.name, owner, fence: lease.fence };
    await this.model.updateOne(filter, { $set: { expiresAt: FREE } }).exec();
  }

  private get now(): Date | '$$NOW' {
    return this.clock?.() ?? '$$NOW';
  }

  /** Where it is free, or the owner's already. */
  private async take(name: string, owner: string, ttlMs: number): Promise<Lease | null> {
    const { now } = this;
    const isOurs = { $eq: ['$owner', { $literal: owner }] };
    const taken = await this.driverCollection<LeaseDocument>().findOneAndUpdate(
      { _id: name, $expr: { $or: [isOurs, { $lte: ['$expiresAt', now] }] } },
      [
        {
          $set: {
            owner: { $literal: owner },
            fence: { $cond: [isOurs, '$fence', { $add: ['$fence', 1] }] },
            expiresAt: { $add: [now, ttlMs] },
          },
        },
      ],
      { returnDocument: 'after' },
    );
    return taken === null ? null : { name, fence: taken.fence };
  }

  private async insertFree(name: string): Promise<void> {
    try {
      await this.driverCollection<LeaseDocument>().insertOne({ _id: name, owner: '', fence: 0, expiresAt: FREE });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}
