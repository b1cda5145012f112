import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AggregateRepository, InjectDatabase, type Stored } from '#persistence';
import type { Comment } from './comment.js';

@Injectable()
export class CommentRepository extends AggregateRepository<Comment> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'comments', indexes: [[{ postId: 1, _id: 1 }]] });
  }

  /** Oldest first. */
  ofPost(postId: string, above: string | undefined, limit: number): Promise<Stored<Comment>[]> {
    const place = above === undefined ? {} : { _id: { $gt: above } };
    return this.findWhere({ postId, ...place }, { sort: { _id: 1 }, limit });
  }

  /** How many comments each of these posts has; without those that have none. */
  async countsOf(postIds: readonly string[]): Promise<Map<string, number>> {
    const counts = await this.model
      .aggregate<{ _id: string; n: number }>([
        { $match: { postId: { $in: [...postIds] } } },
        { $group: { _id: '$postId', n: { $sum: 1 } } },
      ])
      .exec();
    return new Map(counts.map(({ _id, n }) => [_id, n]));
  }
}
