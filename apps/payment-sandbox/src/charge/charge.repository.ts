import type { Connection } from 'mongoose';
import { AggregateRepository, type Stored } from '#persistence';
import type { Charge } from './charge.js';

/** The provider's books. */
export class ChargeRepository extends AggregateRepository<Charge> {
  constructor(connection: Connection) {
    super(connection, { name: 'charges', indexes: [[{ dueAt: 1 }], [{ orderId: 1 }]] });
  }

  /** Charges at which something is or will be to be done, the longest overdue first. */
  next(limit: number): Promise<Stored<Charge>[]> {
    return this.findWhere({ dueAt: { $gt: new Date(0) } }, { sort: { dueAt: 1 }, limit });
  }

  /** Of one order, or of all. */
  books(orderId?: string): Promise<Stored<Charge>[]> {
    return this.findWhere(orderId === undefined ? {} : { orderId }, { sort: { _id: 1 } });
  }
}
