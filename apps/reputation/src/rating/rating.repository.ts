import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { event, RatingChanged } from '#contracts';
import { InjectDatabase, type Decision } from '#persistence';
import { RecountedRepository } from '../counts/recounted.repository.js';
import { ReviewRepository } from '../review/review.repository.js';
import { countOf, FORMULA_VERSION, NO_STARS, ratingOf, type StarCounts } from './rating.js';

const AT_ONCE = 20;

export interface StoredRating {
  readonly stars: StarCounts;
  /** When the newest review was written that is counted here. */
  readonly asOf: Date;
}

/** Ratings by product id. */
@Injectable()
export class RatingRepository extends RecountedRepository<StoredRating> {
  constructor(
    @InjectDatabase() connection: Connection,
    private readonly reviews: ReviewRepository,
  ) {
    super(connection, { name: 'ratings', indexes: [] });
  }

  async starsOf(productIds: readonly string[]): Promise<Map<string, StarCounts>> {
    const ratings = await this.findMany(productIds);
    return new Map(ratings.map(({ id, state }) => [id, state.stars]));
  }

  /** Refreshes those of which the rating is not what the reviews make it. Returns how many reviews they have. */
  async refreshWrong(productIds: readonly string[]): Promise<number> {
    const counted = await this.reviews.starsOfProducts(productIds);
    const known = new Map((await this.findMany(productIds)).map(({ id, state }) => [id, state.stars]));
    const wrong = productIds.filter((id) => !isDeepStrictEqual(counted.get(id) ?? NO_STARS, known.get(id)));
    for (let from = 0; from < wrong.length; from += AT_ONCE) await this.refreshAll(wrong.slice(from, from + AT_ONCE));
    return [...counted.values()].reduce((sum, stars) => sum + countOf(stars), 0);
  }

  protected async recount(productId: string, present: StoredRating | undefined): Promise<Decision<StoredRating>> {
    const stars = await this.reviews.starsOf({ productId });
    const asOf = await this.reviews.lastReviewAt(productId);
    if (asOf === undefined || isDeepStrictEqual(stars, present?.stars)) return {};
    const rating = { productId, ...ratingOf(stars), formulaVersion: FORMULA_VERSION, asOf: asOf.toISOString() };
    return { state: { stars, asOf }, events: [event(RatingChanged, rating)] };
  }
}
