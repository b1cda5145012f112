import { Injectable } from '@nestjs/common';
import { RatingChanged, type EventOf } from '#contracts';
import { remakePages, restoredAggregates, type InPlaceRun, type ReadingProgress, type Remake } from '#messaging';
import { newestTold, type KnownState } from '#persistence';
import { restoredReviews } from '../review/restored-reviews.projection.js';
import { ReviewRepository } from '../review/review.repository.js';
import { RatingRepository, type StoredRating } from './rating.repository.js';
import { starCounts } from './rating.js';

/** What the event tells of a rating: all of it. */
export function toldOfRating(told: EventOf<typeof RatingChanged>): KnownState<StoredRating> {
  const { subject: id, version, data } = told;
  const stars = starCounts(data.distribution.map((count, index) => [index + 1, count] as const));
  return newestTold<StoredRating>(id, version, { stars, asOf: new Date(data.asOf) });
}

/** Counts the reviews of all products again; a rating that is another then is told of, as its next version. */
@Injectable()
export class RemadeRatings implements Pick<Remake, 'rebuild'> {
  constructor(
    private readonly reviews: ReviewRepository,
    private readonly ratings: RatingRepository,
  ) {}

  async rebuild(run: InPlaceRun): Promise<ReadingProgress> {
    const total = await this.reviews.model.countDocuments().exec();
    const products = this.reviews.valuesOf('productId');
    return remakePages(products, total, (ids) => this.ratings.refreshWrong(ids), run);
  }
}

/** Ratings as they were last told, from their states: with the versions that they had reached. Then they are counted. */
export const restoredRatings = restoredAggregates({
  name: 'reputation.ratings',
  after: [restoredReviews.name],
  from: [RatingChanged],
  into: RatingRepository,
  told: toldOfRating,
  remake: RemadeRatings,
});
