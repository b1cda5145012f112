import { event, ReviewPublished, ReviewReplied, type NewEvent } from '#contracts';

/** A line of an order, as far as a review needs it. */
export interface Purchase {
  readonly orderLineId: string;
  readonly productId: string;
  readonly merchantId: string;
}

/** A review is never edited by others and never deleted: there is no act for it. */
export interface Review extends Purchase {
  readonly authorId: string;
  readonly stars: number;
  readonly text: string;
  readonly createdAt: Date;
  /** Where it stands among others: the moment it was written, then its id. */
  readonly seq: string;
  readonly reply: { readonly text: string; readonly at: Date } | null;
}

/** Each order line has one review id, so that two reviews of a line meet in one document. */
export const reviewIdOf = (orderLineId: string): string => `review_${orderLineId.slice(orderLineId.indexOf('_') + 1)}`;

/** The order line that a review is of. */
export const orderLineOf = (reviewId: string): string => `line_${reviewId.slice(reviewId.indexOf('_') + 1)}`;

export function writeReview(
  purchase: Purchase,
  review: { authorId: string; stars: number; text: string },
  at: Date,
): { reviewId: string; state: Review; events: NewEvent[] } {
  const reviewId = reviewIdOf(purchase.orderLineId);
  const { orderLineId, productId, merchantId } = purchase;
  const { authorId, stars, text } = review;
  const common = { orderLineId, productId, merchantId, authorId, stars, text };
  return {
    reviewId,
    state: { ...common, createdAt: at, seq: `${at.toISOString()}|${reviewId}`, reply: null },
    events: [event(ReviewPublished, { reviewId, ...common, verifiedPurchase: true, createdAt: at.toISOString() })],
  };
}

/** Nothing when there is a reply already: the merchant answers once. */
export function reply(
  reviewId: string,
  review: Review,
  text: string,
  at: Date,
): { state?: Review; events?: NewEvent[] } {
  if (review.reply !== null) return {};
  const { productId, merchantId } = review;
  return {
    state: { ...review, reply: { text, at } },
    events: [event(ReviewReplied, { reviewId, productId, merchantId, text, repliedAt: at.toISOString() })],
  };
}
