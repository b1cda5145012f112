import type { ReviewView } from '#contracts';
import type { Stored } from '#persistence';
import type { Review } from './review.js';

export const toView = ({ id, state }: Stored<Review>): ReviewView => ({
  id,
  productId: state.productId,
  merchantId: state.merchantId,
  orderLineId: state.orderLineId,
  authorId: state.authorId,
  stars: state.stars,
  text: state.text,
  // Nothing else can be written: a review begins with a delivered line.
  verifiedPurchase: true,
  createdAt: state.createdAt.toISOString(),
  reply: state.reply && { text: state.reply.text, at: state.reply.at.toISOString() },
});
