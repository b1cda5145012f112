import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AggregateRepository, InjectDatabase } from '#persistence';
import { countOf, NO_STARS, starCounts, type StarCounts } from '../rating/rating.js';
import { ReviewRepository } from '../review/review.repository.js';
import { OrderOutcomes } from './order-outcomes.projection.js';

/** What a merchant has shown so far: whole numbers only, so that no order of events makes a difference. */
export interface MerchantRecord {
  readonly delivered: number;
  readonly cancelledByMerchant: number;
  readonly stars: StarCounts;
}

/** Of two counts of one merchant the later one: nothing that is counted ever goes away again. */
export const laterRecord = (one: MerchantRecord, other: MerchantRecord): MerchantRecord => ({
  delivered: Math.max(one.delivered, other.delivered),
  cancelledByMerchant: Math.max(one.cancelledByMerchant, other.cancelledByMerchant),
  stars: starCounts(one.stars.map((count, index) => [index + 1, Math.max(count, other.stars[index] ?? 0)] as const)),
});

/** Records by merchant id. They publish nothing. */
@Injectable()
export class MerchantRecordRepository extends AggregateRepository<MerchantRecord> {
  constructor(
    @InjectDatabase() connection: Connection,
    private readonly outcomes: OrderOutcomes,
    private readonly reviews: ReviewRepository,
  ) {
    super(connection, { name: 'merchant-records', indexes: [] });
  }

  /** Counts again, all at once; call it after what is counted has been written. Returns how much was counted. */
  async refreshAll(merchantIds: readonly string[]): Promise<number> {
    const ids = [...new Set(merchantIds)];
    const [delivered, cancelled, stars] = await Promise.all([
      this.outcomes.countsOf(ids, 'DELIVERED'),
      this.outcomes.countsOf(ids, 'CANCELLED_BY_MERCHANT'),
      this.reviews.starsOfMany('merchantId', ids),
    ]);
    const counted = ids.map((id) => {
      const record = { delivered: delivered.get(id) ?? 0, cancelledByMerchant: cancelled.get(id) ?? 0 };
      return { id, record: { ...record, stars: stars.get(id) ?? NO_STARS } };
    });
    await this.restore(
      counted.map(({ id, record }) => ({
        id,
        version: 0,
        apply: (present) => (present === undefined ? record : laterRecord(present, record)),
      })),
    );
    return counted.reduce(
      (sum, { record }) => sum + record.delivered + record.cancelledByMerchant + countOf(record.stars),
      0,
    );
  }
}
