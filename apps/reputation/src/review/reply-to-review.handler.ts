import { Injectable } from '@nestjs/common';
import { notFound, type InputOf, type OutputOf, type ReplyToReview } from '#contracts';
import { ForbiddenError, type OperationContext } from '#service-kit';
import { MerchantStaff } from '../merchant/merchant-staff.policy.js';
import { reply } from './review.js';
import { ReviewRepository } from './review.repository.js';
import { toView } from './review.view.js';

@Injectable()
export class ReplyToReviewHandler {
  constructor(
    private readonly reviews: ReviewRepository,
    private readonly staff: MerchantStaff,
  ) {}

  async reply(
    { reviewId, text }: InputOf<typeof ReplyToReview>,
    { signedIn, at, commandId }: OperationContext,
  ): Promise<OutputOf<typeof ReplyToReview>> {
    const review = await this.reviews.find(reviewId);
    if (!review) return notFound('Review', reviewId);
    if (!(await this.staff.includes(signedIn, review.state.merchantId)))
      throw new ForbiddenError("Only the merchant's staff answers its reviews");
    const outcome = await this.reviews.mutate(
      reviewId,
      (present) => ({ ...reply(reviewId, present, text, at), result: present.reply === null }),
      { commandId },
    );
    if (outcome && (outcome.result === true || outcome.repeated))
      return { __typename: 'Review', ...toView(outcome.stored) };
    return { __typename: 'WrongState', code: 'WRONG_STATE', message: 'It has been answered', state: 'REPLIED' };
  }
}
