import { LearnOwnerWhenMerchantIsCreated } from './merchant/learn-owner-when-merchant-is-created.reaction.js';
import { UpdateRecordWhenOrderEnds } from './merchant/update-record-when-order-ends.reaction.js';
import { UpdateRecordWhenReviewIsPublished } from './merchant/update-record-when-review-is-published.reaction.js';
import { LearnLinesWhenOrderIsDelivered } from './purchase/learn-lines-when-order-is-delivered.reaction.js';
import { RateProductWhenReviewIsPublished } from './rating/rate-product-when-review-is-published.reaction.js';

/** Every event that this service reacts to. */
export const reactions = [
  LearnLinesWhenOrderIsDelivered, //    order.delivered
  UpdateRecordWhenOrderEnds, //         order.delivered, order.cancelled
  LearnOwnerWhenMerchantIsCreated, //   merchant.created
  RateProductWhenReviewIsPublished, //  review.published
  UpdateRecordWhenReviewIsPublished, // review.published
];
