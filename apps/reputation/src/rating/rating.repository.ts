import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { event, RatingChanged } from '#contracts';
import { AggregateRepository, DuplicateKeyError, InjectDatabase, type Decision } from '#persistence';
import { ReviewRepository } from '../review/review.repository.js';
import { countOf, FORMULA_VERSION, NO_STARS, ratingOf, type StarCounts } from './rating.js';

const AT_ONCE = 20;

export interface StoredRating {
  readonly stars: StarCounts;
  /** When the newest review was written that is counted here. */
  readonly asOf: Date;
}

/**
 * Ratings by product id, counted again whenever a review comes to be: repeated, late or reordered events lead to the same.
 * As reviews never go away, a count that began earlier can't find more than one that began later, and equal counts need no
 * write.
 */
@Injectable()
export class RatingRepository extends AggregateRepository<StoredRating> {
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

  /** Call it after the review has been written. */
  async refresh(productId: string): Promise<void> {
    const refreshed = await this.mutate(productId, (present) => this.recount(productId, present));
    if (refreshed) return;
    const { state, events = [] } = await this.recount(productId, undefined);
    if (state === undefined) return;
    try {
      await this.insert(productId, state, events);
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
      await this.refresh(productId);
    }
  }

  /** Refreshes those of which the rating is not what the reviews make it. Returns how many reviews they have. */
  async refreshWrong(productIds: readonly string[]): Promise<number> {
    const counted = await this.reviews.starsOfMany('productId', productIds);
    const known = new Map((await this.findMany(productIds)).map(({ id, state }) => [id, state.stars]));
    const wrong = productIds.filter((id) => !isDeepStrictEqual(counted.get(id) ?? NO_STARS, known.get(id)));
    for (let from = 0; from < wrong.length; from += AT_ONCE)
      await Promise.all(wrong.slice(from, from + AT_ONCE).map((id) => this.refresh(id)));
    return [...counted.values()].reduce((sum, stars) => sum + countOf(stars), 0);
  }

  /** Counts and decides; undefined when it is counted for the first time. */
  private async recount(productId: string, present: StoredRating | undefined): Promise<Decision<StoredRating>> {
    const stars = (await this.reviews.starsOfMany('productId', [productId])).get(productId) ?? NO_STARS;
    const asOf = await this.reviews.lastReviewAt(productId);
    if (asOf === undefined || isDeepStrictEqual(stars, present?.stars)) return {};
    const rating = { productId, ...ratingOf(stars), formulaVersion: FORMULA_VERSION, asOf: asOf.toISOString() };
    return { state: { stars, asOf }, events: [event(RatingChanged, rating)] };
  }
}
