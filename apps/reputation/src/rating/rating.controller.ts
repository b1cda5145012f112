import { Controller } from '@nestjs/common';
import { RatingsOfProducts, type InputOf, type OutputOf } from '#contracts';
import { Handles } from '#service-kit';
import { NO_STARS, ratingOf } from './rating.js';
import { RatingRepository } from './rating.repository.js';

@Controller()
export class RatingController {
  constructor(private readonly ratings: RatingRepository) {}

  @Handles(RatingsOfProducts)
  async ratingsOfProducts({ ids }: InputOf<typeof RatingsOfProducts>): Promise<OutputOf<typeof RatingsOfProducts>> {
    const productIds = [...new Set(ids)];
    const stars = await this.ratings.starsOf(productIds);
    return productIds.map((productId) => ({ productId, ...ratingOf(stars.get(productId) ?? NO_STARS) }));
  }
}
