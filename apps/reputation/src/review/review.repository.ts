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

  /** How many reviews of each of these products, or merchants, gave each number of stars; without those that nobody reviewed. */
  async starsOfMany(field: 'productId' | 'merchantId', ids: readonly string[]): Promise<Map<string, StarCounts>> {
    const found = await Promise.all(
      [1, 2, 3, 4, 5].map(async (stars) => {
        const counts = await this.model
          .aggregate<{ _id: string; n: number }>([
            { $match: { [field]: { $in: [...ids] }, stars } },
            { $group: { _id: `$${field}`, n: { $sum: 1 } } },
          ])
          .exec();
        return counts.map(({ _id: id, n }) => ({ id, stars, n }));
      }),
    );
    const byId = new Map<string, (readonly [number, number])[]>();
    for (const { id, stars, n } of found.flat()) byId.set(id, [...(byId.get(id) ?? []), [stars, n]]);
    return new Map([...byId].map(([id, counts]) => [id, starCounts(counts)]));
  }

  /** When a product was last reviewed. */
  async lastReviewAt(productId: string): Promise<Date | undefined> {
    const [newest] = await this.ofProduct(productId, undefined, 1);
    return newest?.state.createdAt;
  }
}
