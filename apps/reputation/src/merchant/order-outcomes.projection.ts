import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { InjectDatabase, ProjectionCollection } from '#persistence';

export type OrderOutcome = 'DELIVERED' | 'CANCELLED_BY_MERCHANT';

/** How orders ended, as far as it says something about their merchant. */
@Injectable()
export class OrderOutcomes extends ProjectionCollection<{ _id: string; merchantId: string; outcome: OrderOutcome }> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'order-outcomes', indexes: [[{ merchantId: 1, outcome: 1 }]] });
  }

  async learn(order: { orderId: string; merchantId: string }, version: number, outcome: OrderOutcome): Promise<void> {
    const { orderId, merchantId } = order;
    await this.applyIfNewer(orderId, 'order', version, { $set: { merchantId, outcome } });
  }

  countOf(merchantId: string, outcome: OrderOutcome): Promise<number> {
    return this.model.countDocuments({ merchantId, outcome }).exec();
  }
}
