import { Module } from '@nestjs/common';
import { MessagingModule } from '#messaging';
import { MerchantOwners } from './merchant/merchant-owners.projection.js';
import { MerchantRecordController } from './merchant/merchant-record.controller.js';
import { MerchantRecordRepository } from './merchant/merchant-record.repository.js';
import { MerchantStaff } from './merchant/merchant-staff.policy.js';
import { RemadeRecords } from './merchant/restored-records.projection.js';
import { OrderOutcomes } from './merchant/order-outcomes.projection.js';
import { DeliveredLines } from './purchase/purchase.projection.js';
import { Purchases } from './purchase/purchase.query.js';
import { RatingController } from './rating/rating.controller.js';
import { RatingRepository } from './rating/rating.repository.js';
import { ReplyToReviewHandler } from './review/reply-to-review.handler.js';
import { RemadeRatings } from './rating/restored-ratings.projection.js';
import { ReviewController } from './review/review.controller.js';
import { ReviewRepository } from './review/review.repository.js';
import { WriteReviewHandler } from './review/write-review.handler.js';
import { projections as rebuildable, reactions, restorations } from './subscriptions.js';

const aggregates = [ReviewRepository, RatingRepository];
const projections = [DeliveredLines, MerchantOwners, OrderOutcomes, MerchantRecordRepository];

@Module({
  imports: [
    MessagingModule.forService({
      service: 'reputation',
      aggregates,
      reactions,
      restorations,
      projections: rebuildable,
    }),
  ],
  controllers: [ReviewController, RatingController, MerchantRecordController],
  providers: [
    ...aggregates,
    ...projections,
    Purchases,
    MerchantStaff,
    WriteReviewHandler,
    ReplyToReviewHandler,
    ...reactions,
    RemadeRatings,
    RemadeRecords,
  ],
})
export class ReputationModule {}
