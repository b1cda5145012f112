import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AggregateRepository, InjectDatabase, type Stored } from '#persistence';
import type { Post } from './post.js';

/** A post and who wrote it. */
export interface Authored {
  readonly postId: string;
  readonly authorId: string;
}
interface StoredAuthor {
  _id: string;
  authorId: string;
  deleted: boolean;
}
/** Posts of several authors that are taken into memory at once. */
const MANY = 10_000;
const IDS_AT_ONCE = 1_000;

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
  async idsOfAuthors(authorIds: readonly string[], below: string | undefined, limit: number): Promise<Authored[]> {
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

  /** The newest posts of each of several authors, newest first; every author of these has a list. */
  async newestOfEach(authorIds: readonly string[], limit: number): Promise<Map<string, Authored[]>> {
    const enough = MANY + 1;
    const posts = await this.driverCollection<StoredAuthor>()
      .find({ authorId: { $in: [...authorIds] }, deleted: false }, { projection: { authorId: 1 } })
      .limit(enough)
      .toArray();
    if (posts.length < enough) {
      const lists = new Map<string, Authored[]>(authorIds.map((authorId) => [authorId, []]));
      const sorted = posts.toSorted((one, other) => (one._id < other._id ? 1 : -1));
      for (const { _id, authorId } of sorted) {
        const list = lists.get(authorId);
        if (list !== undefined && list.length < limit) list.push({ postId: _id, authorId });
      }
      return lists;
    }
    const [author = '', ...others] = authorIds;
    if (others.length === 0) return new Map([[author, await this.idsOfAuthors([author], undefined, limit)]]);
    // Some of them posted very much: each half by itself.
    const half = Math.ceil(authorIds.length / 2);
    const first = await this.newestOfEach(authorIds.slice(0, half), limit);
    return new Map([...first, ...(await this.newestOfEach(authorIds.slice(half), limit))]);
  }

  /** Of these posts: those that are there and not taken back, with their authors. */
  async authorsOf(ids: readonly string[]): Promise<Map<string, string>> {
    const authors = new Map<string, string>();
    for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
      const some = ids.slice(from, from + IDS_AT_ONCE);
      const posts = await this.driverCollection<StoredAuthor>()
        .find({ _id: { $in: some }, deleted: false }, { projection: { authorId: 1 } })
        .toArray();
      for (const { _id, authorId } of posts) authors.set(_id, authorId);
    }
    return authors;
  }
}
