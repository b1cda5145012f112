import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AggregateRepository, DuplicateKeyError, InjectDatabase, type Stored, type WriteOptions } from '#persistence';
import { beginFollow, follow, followId, unfollow, type Follow } from './graph.js';

/** The two ends of a tie. */
export type Side = 'followers' | 'following';
const FIELD = { followers: 'followeeId', following: 'followerId' } as const;

@Injectable()
export class FollowRepository extends AggregateRepository<Follow> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, {
      name: 'follows',
      indexes: [[{ followeeId: 1, active: 1, seq: -1 }], [{ followerId: 1, active: 1, seq: -1 }]],
    });
  }

  async follow(followerId: string, followeeId: string, at: Date, options: WriteOptions): Promise<Stored<Follow>> {
    const id = followId(followerId, followeeId);
    const again = await this.mutate(id, (present) => follow(present, at), options);
    if (again) return again.stored;
    const { state, events } = beginFollow(followerId, followeeId, at);
    try {
      return (await this.insert(id, state, events, options)).stored;
    } catch (error) {
      // Somebody began it at the same moment: then this is a repetition.
      if (!(error instanceof DuplicateKeyError)) throw error;
      return this.follow(followerId, followeeId, at, options);
    }
  }

  /** Null when there never was a tie. */
  async unfollow(followerId: string, followeeId: string, options: WriteOptions): Promise<Stored<Follow> | null> {
    const outcome = await this.mutate(followId(followerId, followeeId), unfollow, options);
    return outcome?.stored ?? null;
  }

  /** Which of these profiles somebody follows at this moment. */
  async followedAmong(followerId: string, profileIds: readonly string[]): Promise<Set<string>> {
    const ids = [...new Set(profileIds)].map((profileId) => followId(followerId, profileId));
    const ties = ids.length === 0 ? [] : await this.findMany(ids);
    return new Set(ties.flatMap(({ state }) => (state.active ? [state.followeeId] : [])));
  }

  /** Newest first. */
  followersOf(followeeId: string, below: string | undefined, limit: number): Promise<Stored<Follow>[]> {
    const place = below === undefined ? {} : { seq: { $lt: below } };
    return this.findWhere({ followeeId, active: true, ...place }, { sort: { seq: -1 }, limit });
  }

  /** Newest first. */
  followedBy(followerId: string, below: string | undefined, limit: number): Promise<Stored<Follow>[]> {
    const place = below === undefined ? {} : { seq: { $lt: below } };
    return this.findWhere({ followerId, active: true, ...place }, { sort: { seq: -1 }, limit });
  }

  /** Oldest first: a tie that begins while the list is walked comes at its end. */
  followersFrom(followeeId: string, above: string | undefined, limit: number): Promise<Stored<Follow>[]> {
    const place = above === undefined ? {} : { seq: { $gt: above } };
    return this.findWhere({ followeeId, active: true, ...place }, { sort: { seq: 1 }, limit });
  }

  /** How many follow somebody, or whom somebody follows. */
  countOf(side: Side, profileId: string): Promise<number> {
    return this.model.countDocuments({ [FIELD[side]]: profileId, active: true }).exec();
  }

  /** The same for many at once; without those who have no tie. */
  async countsOf(side: Side, profileIds: readonly string[]): Promise<Map<string, number>> {
    if (profileIds.length === 0) return new Map();
    const field = FIELD[side];
    const counts = await this.model
      .aggregate<{ _id: string; n: number }>([
        { $match: { [field]: { $in: [...profileIds] }, active: true } },
        { $group: { _id: `$${field}`, n: { $sum: 1 } } },
      ])
      .exec();
    return new Map(counts.map(({ _id, n }) => [_id, n]));
  }

  /** Whom each of these follows; without those who follow nobody. */
  async followeesOf(followerIds: readonly string[]): Promise<Map<string, string[]>> {
    const ties = await this.driverCollection<Pick<Follow, 'followerId' | 'followeeId' | 'active'> & { _id: string }>()
      .find({ followerId: { $in: [...followerIds] }, active: true }, { projection: { followerId: 1, followeeId: 1 } })
      .toArray();
    const followees = new Map<string, string[]>();
    for (const { followerId, followeeId } of ties) {
      const known = followees.get(followerId);
      if (known === undefined) followees.set(followerId, [followeeId]);
      else known.push(followeeId);
    }
    return followees;
  }

  async followeeIds(followerId: string): Promise<string[]> {
    const ties = await this.findWhere({ followerId, active: true });
    return ties.map(({ state }) => state.followeeId);
  }
}
