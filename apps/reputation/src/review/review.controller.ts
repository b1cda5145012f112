import { Controller } from '@nestjs/common';
import {
  ReplyToReview,
  ReviewsByIds,
  ReviewsOfOrderLines,
  ReviewsOfProduct,
  WriteReview,
  type InputOf,
  type OutputOf,
} from '#contracts';
import { placeOf, toPage } from '#persistence';
import { Handles, type OperationContext } from '#service-kit';
import { ReplyToReviewHandler } from './reply-to-review.handler.js';
import { ReviewRepository } from './review.repository.js';
import { toView } from './review.view.js';
import { WriteReviewHandler } from './write-review.handler.js';

/** There is no operation that changes or removes a review. */
@Controller()
export class ReviewController {
  constructor(
    private readonly reviews: ReviewRepository,
    private readonly writing: WriteReviewHandler,
    private readonly replying: ReplyToReviewHandler,
  ) {}

  @Handles(WriteReview)
  writeReview(input: InputOf<typeof WriteReview>, context: OperationContext): Promise<OutputOf<typeof WriteReview>> {
    return this.writing.write(input, context);
  }

  @Handles(ReplyToReview)
  replyToReview(
    input: InputOf<typeof ReplyToReview>,
    context: OperationContext,
  ): Promise<OutputOf<typeof ReplyToReview>> {
    return this.replying.reply(input, context);
  }

  @Handles(ReviewsByIds)
  async reviewsByIds({ ids }: InputOf<typeof ReviewsByIds>): Promise<OutputOf<typeof ReviewsByIds>> {
    return (await this.reviews.findMany(ids)).map(toView);
  }

  @Handles(ReviewsOfOrderLines)
  async reviewsOfOrderLines({
    orderLineIds,
  }: InputOf<typeof ReviewsOfOrderLines>): Promise<OutputOf<typeof ReviewsOfOrderLines>> {
    const asked = new Set(orderLineIds);
    const reviews = await this.reviews.ofOrderLines(orderLineIds);
    return reviews.filter(({ state }) => asked.has(state.orderLineId)).map(toView);
  }

  @Handles(ReviewsOfProduct)
  async reviewsOfProduct({
    productId,
    first,
    after,
  }: InputOf<typeof ReviewsOfProduct>): Promise<OutputOf<typeof ReviewsOfProduct>> {
    const list = `reviews of ${productId}`;
    const reviews = await this.reviews.ofProduct(productId, placeOf(list, after), first + 1);
    return toPage(
      list,
      first,
      reviews.map((review) => ({ place: review.state.seq, node: toView(review) })),
    );
  }
}
