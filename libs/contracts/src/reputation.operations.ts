import { z } from 'zod';
import { NamedId } from './ids.js';
import { ClientMutationKey, defineCommand, defineQuery } from './operation.js';
import { PageInput, pageOf } from './page.js';
import { MerchantRecordView, RatingView, ReviewView } from './reputation.views.js';
import {
  AlreadyReviewed,
  IdempotencyConflict,
  InvalidInput,
  NotDelivered,
  NotFound,
  resultOf,
  WrongState,
} from './user-errors.js';

const Ids = z.object({ ids: z.array(NamedId).max(500) });
const Text = z.string().max(5_000, 'has more than 5,000 characters');

export const RatingsOfProducts = defineQuery({
  name: 'reputation.ratingsOfProducts',
  access: 'anyone',
  description: 'A rating for each of these product ids; a product without reviews has count 0.',
  input: Ids,
  output: z.array(RatingView),
});
export const ReviewsByIds = defineQuery({
  name: 'reputation.reviewsByIds',
  access: 'anyone',
  description: 'The reviews that exist of these ids.',
  input: Ids,
  output: z.array(ReviewView),
});
export const ReviewsOfProduct = defineQuery({
  name: 'reputation.reviewsOfProduct',
  access: 'anyone',
  description: 'Reviews of a product, newest first, good and bad alike.',
  input: PageInput.extend({ productId: NamedId }),
  output: pageOf(ReviewView),
});
export const ReviewsOfOrderLines = defineQuery({
  name: 'reputation.reviewsOfOrderLines',
  access: 'anyone',
  description: 'The reviews written of these order lines.',
  input: z.object({ orderLineIds: z.array(NamedId).max(500) }),
  output: z.array(ReviewView),
});
export const MerchantRecords = defineQuery({
  name: 'reputation.merchantRecords',
  access: 'anyone',
  description: 'What each of these merchants has shown so far, counted from events; zeros for one without any.',
  input: Ids,
  output: z.array(MerchantRecordView),
});

export const WriteReview = defineCommand({
  name: 'reputation.writeReview',
  access: 'signed-in',
  description: "Reviews one of the caller's own order lines once it is delivered; each line once.",
  input: z.object({
    clientMutationKey: ClientMutationKey,
    orderLineId: NamedId,
    stars: z.int('is not a whole number').min(1, 'is less than 1').max(5, 'is more than 5'),
    text: Text,
  }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Review', ReviewView),
    NotFound,
    NotDelivered,
    AlreadyReviewed,
    InvalidInput,
    IdempotencyConflict,
  ]),
});
export const ReplyToReview = defineCommand({
  name: 'reputation.replyToReview',
  access: 'signed-in',
  description: "The merchant's staff answers a review, once. It never changes the score.",
  input: z.object({
    clientMutationKey: ClientMutationKey,
    reviewId: NamedId,
    text: Text.refine((text) => text.trim() !== '', 'is empty'),
  }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Review', ReviewView),
    NotFound,
    WrongState,
    InvalidInput,
    IdempotencyConflict,
  ]),
});
