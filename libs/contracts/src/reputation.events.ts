import { z } from 'zod';
import { defineEvent } from './envelope.js';
import { idOf } from './ids.js';

const IDS = {
  review: 'review_01m84gm0f0f25a4d8x22mf2yaw',
  product: 'product_01m84gm0f0f25a4d8x22mf2yaw',
  merchant: 'merchant_01m84gm0f0f25a4d8x22mf2yaw',
  line: 'line_01m84gm0f0f25a4d8x22mf2yaw',
  profile: 'profile_01m84gm0f0f25a4d8x22mf2yaw',
};
const reviewEvent = { topic: 'reputation.review.v1', owner: 'reputation', key: 'reviewId' } as const;

export const ReviewPublished = defineEvent({
  ...reviewEvent,
  type: 'review.published',
  description: 'A buyer reviewed an order line that was delivered.',
  schema: z.object({
    reviewId: idOf('review'),
    productId: idOf('product'),
    merchantId: idOf('merchant'),
    orderLineId: idOf('line'),
    authorId: idOf('profile'),
    stars: z.int().min(1).max(5),
    text: z.string(),
    verifiedPurchase: z.boolean(),
    createdAt: z.iso.datetime().nullish(),
  }),
  example: {
    reviewId: IDS.review,
    productId: IDS.product,
    merchantId: IDS.merchant,
    orderLineId: IDS.line,
    authorId: IDS.profile,
    stars: 5,
    text: 'Bright.',
    verifiedPurchase: true,
  },
});
export const ReviewReplied = defineEvent({
  ...reviewEvent,
  type: 'review.replied',
  description: "The merchant's staff answered a review; the score does not change by it.",
  schema: z.object({
    reviewId: idOf('review'),
    productId: idOf('product'),
    merchantId: idOf('merchant'),
    text: z.string(),
    repliedAt: z.iso.datetime().nullish(),
  }),
  example: { reviewId: IDS.review, productId: IDS.product, merchantId: IDS.merchant, text: 'Thank you!' },
});
export const RatingChanged = defineEvent({
  topic: 'reputation.score.v1',
  owner: 'reputation',
  key: 'productId',
  type: 'rating.changed',
  description: 'The rating of a product as it is now, with the version of the formula and the moment it is as of.',
  schema: z.object({
    productId: idOf('product'),
    average: z.number().nullable(),
    count: z.int().min(0),
    distribution: z.array(z.int().min(0)).length(5),
    score: z.number(),
    formulaVersion: z.string(),
    asOf: z.iso.datetime(),
  }),
  example: {
    productId: IDS.product,
    average: 5,
    count: 1,
    distribution: [0, 0, 0, 0, 1],
    score: 3.6875,
    formulaVersion: 'bayes-7-3.5',
    asOf: '2026-11-23T12:00:00.000Z',
  },
});

export const reputationEvents = [ReviewPublished, ReviewReplied, RatingChanged] as const;
