import { Injectable } from '@nestjs/common';
import type { InputOf, OutputOf, WriteReview } from '#contracts';
import { DuplicateKeyError } from '#persistence';
import type { OperationContext } from '#service-kit';
import { Purchases } from '../purchase/purchase.query.js';
import { writeReview } from './review.js';
import { ReviewRepository } from './review.repository.js';
import { toView } from './review.view.js';

@Injectable()
export class WriteReviewHandler {
  constructor(
    private readonly purchases: Purchases,
    private readonly reviews: ReviewRepository,
  ) {}

  async write(
    { orderLineId, stars, text }: InputOf<typeof WriteReview>,
    { accountId, profileId, at, commandId }: OperationContext,
  ): Promise<OutputOf<typeof WriteReview>> {
    const purchase = await this.purchases.findReviewable(orderLineId, accountId);
    if ('__typename' in purchase) return purchase;
    const { reviewId, state, events } = writeReview(purchase, { authorId: profileId, stars, text }, at);
    try {
      const { stored } = await this.reviews.insert(reviewId, state, events, { commandId });
      return { __typename: 'Review', ...toView(stored) };
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
      return {
        __typename: 'AlreadyReviewed',
        code: 'ALREADY_REVIEWED',
        message: 'This line of the order has its review',
        reviewId,
      };
    }
  }
}
