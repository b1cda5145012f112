import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { InjectDatabase, type Decision } from '#persistence';
import { RecountedRepository } from '../counts/recounted.repository.js';
import type { StarCounts } from '../rating/rating.js';
import { ReviewRepository } from '../review/review.repository.js';
import { OrderOutcomes } from './order-outcomes.projection.js';

/** What a merchant has shown so far: whole numbers only, so that no order of events makes a difference. */
export interface MerchantRecord {
  readonly delivered: number;
  readonly cancelledByMerchant: number;
  readonly stars: StarCounts;
}

/** Records by merchant id. They publish nothing. */
@Injectable()
export class MerchantRecordRepository extends RecountedRepository<MerchantRecord> {
  constructor(
    @InjectDatabase() connection: Connection,
    private readonly outcomes: OrderOutcomes,
    private readonly reviews: ReviewRepository,
  ) {
    super(connection, { name: 'merchant-records', indexes: [] });
  }

  protected async recount(merchantId: string, present?: MerchantRecord): Promise<Decision<MerchantRecord>> {
    const [delivered, cancelledByMerchant, stars] = await Promise.all([
      this.outcomes.countOf(merchantId, 'DELIVERED'),
      this.outcomes.countOf(merchantId, 'CANCELLED_BY_MERCHANT'),
      this.reviews.starsOf({ merchantId }),
    ]);
    const state: MerchantRecord = { delivered, cancelledByMerchant, stars };
    return isDeepStrictEqual(state, present) ? {} : { state };
  }
}
