import type { Connection } from 'mongoose';
import { AggregateRepository, type Stored } from '#persistence';
import type { Charge } from './charge.js';

/** The provider's books. */
export class ChargeRepository extends AggregateRepository<Charge> {
  constructor(connection: Connection) {
    super(connection, { name: 'charges', indexes: [[{ dueAt: 1 }], [{ orderId: 1 }]] });
  }

  /** Charges at which something is to be done by then, the longest overdue first. */
  due(at: Date, limit: number): Promise<Stored<Charge>[]> {
    return this.findWhere({ dueAt: { $gt: new Date(0), $lte: at } }, { sort: { dueAt: 1 }, limit });
  }

  /** When the next thing is to be done. */
  async nextDueAt(): Promise<Date | undefined> {
    const [next] = await this.findWhere({ dueAt: { $gt: new Date(0) } }, { sort: { dueAt: 1 }, limit: 1 });
    return next?.state.dueAt;
  }

  /** Of one order, or of all. */
  books(orderId?: string): Promise<Stored<Charge>[]> {
    return this.findWhere(orderId === undefined ? {} : { orderId }, { sort: { _id: 1 } });
  }
}
