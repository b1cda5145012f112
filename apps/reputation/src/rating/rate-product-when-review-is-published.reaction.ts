import { Injectable } from '@nestjs/common';
import { ReviewPublished, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { RatingRepository } from './rating.repository.js';

@Injectable()
@ConsumerGroup('reputation.ratings')
export class RateProductWhenReviewIsPublished {
  constructor(private readonly ratings: RatingRepository) {}

  @OnEvent(ReviewPublished)
  async onReviewPublished({ data }: EventOf<typeof ReviewPublished>): Promise<void> {
    await this.ratings.refresh(data.productId);
  }
}
