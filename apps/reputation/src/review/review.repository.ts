import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AggregateRepository, InjectDatabase, type Stored } from '#persistence';
import { starCounts, type StarCounts } from '../rating/rating.js';
import { reviewIdOf, type Review } from './review.js';

@Injectable()
export class ReviewRepository extends AggregateRepository<Review> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, {
      name: 'reviews',
      indexes: [[{ productId: 1, seq: -1 }], [{ productId: 1, stars: 1 }], [{ merchantId: 1, stars: 1 }]],
    });
  }

  /** Newest first, good and bad alike. */
  ofProduct(productId: string, below: string | undefined, limit: number): Promise<Stored<Review>[]> {
    const place = below === undefined ? {} : { seq: { $lt: below } };
    return this.findWhere({ productId, ...place }, { sort: { seq: -1 }, limit });
  }

  ofOrderLines(orderLineIds: readonly string[]): Promise<Stored<Review>[]> {
    return this.findMany(orderLineIds.map(reviewIdOf));
  }

  /** How many reviews of a product, or of a merchant, gave each number of stars. */
  async starsOf(subject: { readonly productId: string } | { readonly merchantId: string }): Promise<StarCounts> {
    const count = async (stars: number) =>
      [stars, await this.model.countDocuments({ ...subject, stars }).exec()] as const;
    return starCounts(await Promise.all([1, 2, 3, 4, 5].map(count)));
  }

  /** The same of many products; without those that nobody reviewed. */
  async starsOfProducts(productIds: readonly string[]): Promise<Map<string, StarCounts>> {
    const found = await Promise.all(
      [1, 2, 3, 4, 5].map(async (stars) => {
        const counts = await this.model
          .aggregate<{ _id: string; n: number }>([
            { $match: { productId: { $in: [...productIds] }, stars } },
            { $group: { _id: '$productId', n: { $sum: 1 } } },
          ])
          .exec();
        return counts.map(({ _id, n }) => ({ productId: _id, stars, n }));
      }),
    );
    const byProduct = new Map<string, (readonly [number, number])[]>();
    for (const { productId, stars, n } of found.flat())
      byProduct.set(productId, [...(byProduct.get(productId) ?? []), [stars, n]]);
    return new Map([...byProduct].map(([productId, counts]) => [productId, starCounts(counts)]));
  }

  /** When a product was last reviewed. */
  async lastReviewAt(productId: string): Promise<Date | undefined> {
    const [newest] = await this.ofProduct(productId, undefined, 1);
    return newest?.state.createdAt;
  }
}
