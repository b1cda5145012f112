import { describe, expect, test } from '@jest/globals';
import { idOf } from '#contracts';
import { reply, reviewIdOf, writeReview } from './review.js';

const LINE = 'line_01m84gm0f0f25a4d8x22mf2yaw';
const PURCHASE = {
  orderLineId: LINE,
  productId: 'product_01m84gm0f0f25a4d8x22mf2yaw',
  merchantId: 'merchant_01m84gm0f0f25a4d8x22mf2yaw',
};
const AT = new Date('2026-11-24T03:00:00.000Z');
const written = () =>
  writeReview(PURCHASE, { authorId: 'profile_01m84gm0f0f25a4d8x22mf2yaw', stars: 4, text: '很亮 ✨' }, AT);

describe('a review', () => {
  test('has an id that its order line leads to', () => {
    expect(written().reviewId).toBe(reviewIdOf(LINE));
    expect(idOf('review').safeParse(reviewIdOf(LINE)).success).toBe(true);
  });

  test('is told with all that a rating needs', () => {
    const [published] = written().events;
    expect(published?.contract.schema.parse(published.data)).toMatchObject({ stars: 4, verifiedPurchase: true });
  });

  test('is answered once, and the answer leaves stars and text alone', () => {
    const { reviewId, state } = written();
    const { state: answered = state, events = [] } = reply(reviewId, state, 'Thank you!', AT);
    expect(answered).toEqual({ ...state, reply: { text: 'Thank you!', at: AT } });
    expect(events).toHaveLength(1);
    expect(reply(reviewId, answered, 'And again', AT)).toEqual({});
  });
});
