import { LearnOwnerWhenMerchantIsCreated } from './merchant/learn-owner-when-merchant-is-created.reaction.js';
import { MerchantOwners } from './merchant/merchant-owners.projection.js';
import { MerchantRecordRepository } from './merchant/merchant-record.repository.js';
import { OrderOutcomes } from './merchant/order-outcomes.projection.js';
import { restoredRecords } from './merchant/restored-records.projection.js';
import { UpdateRecordWhenOrderEnds } from './merchant/update-record-when-order-ends.reaction.js';
import { UpdateRecordWhenReviewIsPublished } from './merchant/update-record-when-review-is-published.reaction.js';
import { LearnLinesWhenOrderIsDelivered } from './purchase/learn-lines-when-order-is-delivered.reaction.js';
import { DeliveredLines } from './purchase/purchase.projection.js';
import { RateProductWhenReviewIsPublished } from './rating/rate-product-when-review-is-published.reaction.js';
import { restoredRatings } from './rating/restored-ratings.projection.js';
import { restoredReviews } from './review/restored-reviews.projection.js';

/** Every event that this service reacts to. */
export const reactions = [
  LearnLinesWhenOrderIsDelivered, //    order.delivered
  UpdateRecordWhenOrderEnds, //         order.delivered, order.cancelled
  LearnOwnerWhenMerchantIsCreated, //   merchant.created
  RateProductWhenReviewIsPublished, //  review.published
  UpdateRecordWhenReviewIsPublished, // review.published
];

/** What this service owns, made anew from its own states. */
export const restorations = [
  restoredReviews, // review.published, review.replied
  restoredRatings, // rating.changed
];

/** Groups that can be made anew from events. */
export const projections = [
  { group: 'reputation.purchases', collections: [DeliveredLines] },
  { group: 'reputation.merchants', collections: [MerchantOwners] },
  {
    group: restoredRecords.name,
    collections: [OrderOutcomes, MerchantRecordRepository],
    restored: restoredRecords,
  },
];
