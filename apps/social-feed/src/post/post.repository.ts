import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AggregateRepository, InjectDatabase, type Stored } from '#persistence';
import type { Post } from './post.js';

/** Post ids sort by the moment of posting: they are the order of every list, and its places. */
@Injectable()
export class PostRepository extends AggregateRepository<Post> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, {
      name: 'posts',
      indexes: [[{ authorId: 1, deleted: 1, _id: -1 }], [{ productIds: 1, deleted: 1, _id: -1 }]],
    });
  }

  /** The post, unless its author took it back. */
  async findLive(id: string): Promise<Stored<Post> | null> {
    const post = await this.find(id);
    return post === null || post.state.deleted ? null : post;
  }

  async findManyLive(ids: readonly string[]): Promise<Stored<Post>[]> {
    const posts = ids.length === 0 ? [] : await this.findMany(ids);
    return posts.filter(({ state }) => !state.deleted);
  }

  /** Newest first. */
  byAuthor(authorId: string, below: string | undefined, limit: number): Promise<Stored<Post>[]> {
    const place = below === undefined ? {} : { _id: { $lt: below } };
    return this.findWhere({ authorId, deleted: false, ...place }, { sort: { _id: -1 }, limit });
  }

  /** Newest first. */
  byProduct(productId: string, below: string | undefined, limit: number): Promise<Stored<Post>[]> {
    const place = below === undefined ? {} : { _id: { $lt: below } };
    return this.findWhere({ productIds: productId, deleted: false, ...place }, { sort: { _id: -1 }, limit });
  }

  /** The newest posts of several authors, newest first, ids only. */
  async idsOfAuthors(
    authorIds: readonly string[],
    below: string | undefined,
    limit: number,
  ): Promise<{ postId: string; authorId: string }[]> {
    if (authorIds.length === 0 || limit === 0) return [];
    const authors = authorIds.length === 1 ? authorIds[0] : { $in: [...authorIds] };
    const place = below === undefined ? {} : { _id: { $lt: below } };
    const posts = await this.model
      .find({ authorId: authors, deleted: false, ...place }, { authorId: 1 })
      .sort({ _id: -1 })
      .limit(limit)
      .lean()
      .exec();
    return posts.map(({ _id, authorId }) => ({ postId: _id, authorId }));
  }

  /** Of these posts: those that are there and not taken back, with their authors. */
  async authorsOf(ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const posts = await this.model
      .find({ _id: { $in: [...ids] }, deleted: false }, { authorId: 1 })
      .lean<{ _id: string; authorId: string }[]>()
      .exec();
    return new Map(posts.map(({ _id, authorId }) => [_id, authorId]));
  }
}
