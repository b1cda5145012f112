import { z } from 'zod';
import { idOf } from './ids.js';

/** average: plain mean of the stars, null without reviews. distribution: counts of 1 to 5 stars. score: Bayesian, 1 to 5. */
export const RatingView = z.object({
  productId: idOf('product'),
  average: z.number().nullable(),
  count: z.int().min(0),
  distribution: z.array(z.int().min(0)).length(5),
  score: z.number(),
});

export const ReviewView = z.object({
  id: idOf('review'),
  productId: idOf('product'),
  merchantId: idOf('merchant'),
  orderLineId: idOf('line'),
  authorId: idOf('profile'),
  stars: z.int().min(1).max(5),
  text: z.string(),
  verifiedPurchase: z.boolean(),
  createdAt: z.iso.datetime(),
  reply: z.object({ text: z.string(), at: z.iso.datetime() }).nullish(),
});

export const MerchantRecordView = z.object({
  merchantId: idOf('merchant'),
  ordersDelivered: z.int().min(0),
  ordersCancelledByMerchant: z.int().min(0),
  reviewCount: z.int().min(0),
  averageStars: z.number().nullable(),
});

export type RatingView = z.infer<typeof RatingView>;
export type ReviewView = z.infer<typeof ReviewView>;
export type MerchantRecordView = z.infer<typeof MerchantRecordView>;
