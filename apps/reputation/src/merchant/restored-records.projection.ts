import { Injectable } from '@nestjs/common';
import { OrderCancelled, OrderDelivered } from '#contracts';
import { remakePages, restoredBy, type InPlaceRun, type ReadingProgress, type Remake } from '#messaging';
import { eachOnce } from '#persistence';
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

  async rebuild(run: InPlaceRun): Promise<ReadingProgress> {
    const { outcomes, reviews } = this;
    const total = (await outcomes.model.countDocuments().exec()) + (await reviews.model.countDocuments().exec());
    const merchants = eachOnce(outcomes.valuesOf('merchantId'), reviews.valuesOf('merchantId'));
    return remakePages(merchants, total, (ids) => this.records.refreshAll(ids), run);
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
