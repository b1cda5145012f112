import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { InjectDatabase } from '#persistence';
import { RecountedProjection } from '../counts/recounted.projection.js';
import { FollowRepository } from './follow.repository.js';

type Side = 'followers' | 'following';
const sideId = (side: Side, profileId: string): string => `${side}|${profileId}`;

/** How many follow a profile and how many it follows, each side in a document of its own. */
@Injectable()
export class FollowCounts {
  private readonly counts: SideCounts;

  constructor(@InjectDatabase() connection: Connection, follows: FollowRepository) {
    this.counts = new SideCounts(connection, follows);
  }

  async onModuleInit(): Promise<void> {
    await this.counts.onModuleInit();
  }

  /** Call it after a write to the tie between the two. */
  async recount(followerId: string, followeeId: string): Promise<void> {
    await Promise.all([
      this.counts.recount(sideId('followers', followeeId)),
      this.counts.recount(sideId('following', followerId)),
    ]);
  }

  async of(profileIds: readonly string[]) {
    const sides = profileIds.flatMap((id) => [sideId('followers', id), sideId('following', id)]);
    const known = await this.counts.of(sides);
    return (profileId: string): { followerCount: number; followingCount: number } => ({
      followerCount: known.get(sideId('followers', profileId))?.ties ?? 0,
      followingCount: known.get(sideId('following', profileId))?.ties ?? 0,
    });
  }
}

class SideCounts extends RecountedProjection<'ties'> {
  constructor(
    connection: Connection,
    private readonly follows: FollowRepository,
  ) {
    super(connection, { name: 'follow-counts', indexes: [] });
  }

  protected async count(id: string): Promise<{ ties: number }> {
    const [side, profileId] = id.split('|');
    const filter = side === 'followers' ? { followeeId: profileId } : { followerId: profileId };
    return { ties: await this.follows.model.countDocuments({ ...filter, active: true }).exec() };
  }
}
