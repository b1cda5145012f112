import { Injectable } from '@nestjs/common';
import { OrderCancelled, OrderDelivered } from '#contracts';
import { restoredBy, type InPlaceRun, type ReadingProgress, type Remake } from '#messaging';
import { ReviewRepository } from '../review/review.repository.js';
import { MerchantRecordRepository } from './merchant-record.repository.js';
import { OrderOutcomes, outcomesOf } from './order-outcomes.projection.js';

/** The records of all merchants, counted from how their orders ended and what their reviews say. */
@Injectable()
export class RemadeRecords implements Pick<Remake, 'rebuild'> {
  constructor(
    private readonly outcomes: OrderOutcomes,
    private readonly reviews: ReviewRepository,
    private readonly records: MerchantRecordRepository,
  ) {}

  async rebuild({ onProgress, signal }: InPlaceRun): Promise<ReadingProgress> {
    const total =
      (await this.outcomes.model.countDocuments().exec()) + (await this.reviews.model.countDocuments().exec());
    let done = 0;
    for (const pages of [this.outcomes.valuesOf('merchantId'), this.reviews.valuesOf('merchantId')])
      for await (const merchantIds of pages) {
        signal.throwIfAborted();
        done += await this.records.refreshAll(merchantIds);
        onProgress({ done: Math.min(done, total), total });
      }
    onProgress({ done: total, total });
    return { done: total, total };
  }
}

/** How orders ended, from their states; each merchant is counted once, when all of them are there. */
export const restoredRecords = restoredBy({
  name: 'reputation.records',
  from: [OrderDelivered, OrderCancelled],
  collection: OrderOutcomes,
  by: OrderOutcomes,
  take: (outcomes, events) => outcomes.learn(outcomesOf(events)),
  remake: RemadeRecords,
});
