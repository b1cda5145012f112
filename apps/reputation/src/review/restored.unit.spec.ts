import { describe, expect, test } from '@jest/globals';
import { RatingChanged, ReviewPublished, ReviewReplied, type EventOf } from '#contracts';
import { restoredFrom, type Restored } from '#persistence';
import type { StoredRating } from '../rating/rating.repository.js';
import { toldOfRating } from '../rating/restored-ratings.projection.js';
import { toldOfReview } from './restored-reviews.projection.js';
import { reply, writeReview } from './review.js';

const { reviewId, ...written } = ReviewPublished.example;
const AT = new Date('2026-11-24T03:00:00.000Z');
const NOTHING = { version: 0, state: undefined };
const envelope = { id: 'event_1', source: '/reputation', key: reviewId, time: '2026-11-24T03:00:09.000Z' };

describe('what is restored from states', () => {
  const { state, events } = writeReview(written, written, AT);
  const replied = reply(reviewId, state, 'Thank you!', new Date(AT.getTime() + 1_000));
  const published: EventOf<typeof ReviewPublished> = {
    ...envelope,
    type: 'review.published',
    subject: reviewId,
    version: 1,
    data: ReviewPublished.schema.parse(events[0]?.data),
  };
  const answered: EventOf<typeof ReviewReplied> = {
    ...envelope,
    type: 'review.replied',
    subject: reviewId,
    version: 2,
    data: ReviewReplied.schema.parse(replied.events?.[0]?.data),
  };

  test('of a review is the review with its reply, whichever comes first', () => {
    const whole = { version: 2, state: replied.state };
    expect(restoredFrom(NOTHING, [published, answered].map(toldOfReview))).toEqual(whole);
    const late = restoredFrom(restoredFrom(NOTHING, [toldOfReview(answered)]), [toldOfReview(published)]);
    expect(late).toEqual(whole);
    expect(restoredFrom(late, [toldOfReview(published)])).toEqual(whole);
  });

  test('of a rating is the one that was told last', () => {
    const changed = (version: number, fives: number): EventOf<typeof RatingChanged> => ({
      ...envelope,
      type: 'rating.changed',
      subject: RatingChanged.example.productId,
      version,
      data: { ...RatingChanged.example, distribution: [0, 0, 0, 0, fives], count: fives },
    });
    const told = [changed(3, 3), changed(1, 1), changed(2, 2)].map(toldOfRating);
    let rating: Restored<StoredRating> = NOTHING;
    for (const one of told) rating = restoredFrom(rating, [one]);
    expect(rating).toEqual({
      version: 3,
      state: { stars: [0, 0, 0, 0, 3], asOf: new Date(RatingChanged.example.asOf) },
    });
  });
});
