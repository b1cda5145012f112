import { ReviewPublished, ReviewReplied, type EventOf } from '#contracts';
import { restoredAggregates } from '#messaging';
import type { KnownState } from '#persistence';
import { orderLineOf, writeReview, type Review } from './review.js';
import { ReviewRepository } from './review.repository.js';

type ReviewEvent = EventOf<typeof ReviewPublished> | EventOf<typeof ReviewReplied>;

/** What an event tells of a review: the buyer's part or the merchant's. */
export function toldOfReview(told: ReviewEvent): KnownState<Review> {
  const { subject: id, version, time } = told;
  if (told.type === 'review.published') {
    const { data } = told;
    const { state } = writeReview(data, data, new Date(data.createdAt ?? time));
    return { id, version, apply: (present) => ({ ...state, reply: present?.reply ?? null }) };
  }
  const { productId, merchantId, text, repliedAt } = told.data;
  const at = new Date(repliedAt ?? time);
  // Until the buyer's part is known, too; it counts nowhere without stars.
  const unknown = () =>
    writeReview({ orderLineId: orderLineOf(id), productId, merchantId }, { authorId: '', stars: 0, text: '' }, at)
      .state;
  return { id, version, apply: (present) => ({ ...(present ?? unknown()), reply: { text, at } }) };
}

/** Reviews, from their states. */
export const restoredReviews = restoredAggregates({
  name: 'reputation.reviews',
  from: [ReviewPublished, ReviewReplied],
  into: ReviewRepository,
  told: toldOfReview,
});
