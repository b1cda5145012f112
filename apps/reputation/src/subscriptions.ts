import { LearnOwnerWhenMerchantIsCreated } from './merchant/learn-owner-when-merchant-is-created.reaction.js';
import { MerchantOwners } from './merchant/merchant-owners.projection.js';
import { MerchantRecordRepository } from './merchant/merchant-record.repository.js';
import { OrderOutcomes } from './merchant/order-outcomes.projection.js';
import { UpdateRecordWhenOrderEnds } from './merchant/update-record-when-order-ends.reaction.js';
import { UpdateRecordWhenReviewIsPublished } from './merchant/update-record-when-review-is-published.reaction.js';
import { LearnLinesWhenOrderIsDelivered } from './purchase/learn-lines-when-order-is-delivered.reaction.js';
import { DeliveredLines } from './purchase/purchase.projection.js';
import { RateProductWhenReviewIsPublished } from './rating/rate-product-when-review-is-published.reaction.js';

/** Every event that this service reacts to. */
export const reactions = [
  LearnLinesWhenOrderIsDelivered, //    order.delivered
  UpdateRecordWhenOrderEnds, //         order.delivered, order.cancelled
  LearnOwnerWhenMerchantIsCreated, //   merchant.created
  RateProductWhenReviewIsPublished, //  review.published
  UpdateRecordWhenReviewIsPublished, // review.published
];

/**
 * Groups that can be made anew from events. Not the ratings: they publish versions of their own, and are counted from
 * the reviews of this very database.
 */
export const projections = [
  { group: 'reputation.purchases', collections: [DeliveredLines] },
  { group: 'reputation.merchants', collections: [MerchantOwners] },
  { group: 'reputation.records', collections: [OrderOutcomes, MerchantRecordRepository] },
];
