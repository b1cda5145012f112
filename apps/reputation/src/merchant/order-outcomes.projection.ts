import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { EventOf, OrderCancelled, OrderDelivered } from '#contracts';
import { InjectDatabase, ProjectionCollection, type NewerCopy } from '#persistence';

export type OrderOutcome = 'DELIVERED' | 'CANCELLED_BY_MERCHANT';

export type OrderEnded = EventOf<typeof OrderDelivered> | EventOf<typeof OrderCancelled>;
type LearntOutcome = NewerCopy<{ merchantId: string; outcome: OrderOutcome }>;

/** What the buyer or a payment brought to an end says nothing about the merchant. */
export const outcomesOf = (events: readonly OrderEnded[]): LearntOutcome[] =>
  events.flatMap(({ type, version, data: { orderId, merchantId, cancellationCode } }) => {
    if (type === 'order.cancelled' && cancellationCode !== 'MERCHANT') return [];
    const outcome = type === 'order.delivered' ? 'DELIVERED' : 'CANCELLED_BY_MERCHANT';
    return [{ id: orderId, version, fields: { merchantId, outcome } }];
  });

/** How orders ended, as far as it says something about their merchant. */
@Injectable()
export class OrderOutcomes extends ProjectionCollection<{ _id: string; merchantId: string; outcome: OrderOutcome }> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'order-outcomes', indexes: [[{ merchantId: 1, outcome: 1 }]] });
  }

  async learn(outcomes: readonly LearntOutcome[]): Promise<void> {
    await this.copyAllIfNewer('order', outcomes);
  }

  /** How many orders of each of these merchants ended so; without those of which none did. */
  async countsOf(merchantIds: readonly string[], outcome: OrderOutcome): Promise<Map<string, number>> {
    const counts = await this.model
      .aggregate<{ _id: string; n: number }>([
        { $match: { merchantId: { $in: [...merchantIds] }, outcome } },
        { $group: { _id: '$merchantId', n: { $sum: 1 } } },
      ])
      .exec();
    return new Map(counts.map(({ _id, n }) => [_id, n]));
  }
}
