import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { eachOnce, InjectDatabase } from '#persistence';
import { RecountedProjection } from '../counts/recounted.projection.js';
import { FollowRepository, type Side } from './follow.repository.js';

const sideId = (side: Side, profileId: string): string => `${side}|${profileId}`;
const sideOf = (id: string): readonly [Side, string] => [
  id.startsWith('followers|') ? 'followers' : 'following',
  id.slice(id.indexOf('|') + 1),
];

/** How many follow a profile and how many it follows, each side in a document of its own. */
@Injectable()
export class FollowCounts {
  private readonly counts: SideCounts;

  constructor(
    @InjectDatabase() connection: Connection,
    private readonly follows: FollowRepository,
  ) {
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

  /** Whether nobody's ties were ever counted. */
  isEmpty(): Promise<boolean> {
    return this.counts.isEmpty();
  }

  /** Counts these sides again, and corrects what is wrong. Returns how many ties there are. */
  recountAll(sides: readonly string[]): Promise<number> {
    return this.counts.recountAll(sides);
  }

  /** All sides that have ties or were ever counted, some at a time. */
  sides(): AsyncGenerator<string[]> {
    return eachOnce(this.tied(), this.counts.valuesOf('_id'));
  }

  /** In their order: the followers' side of all comes first. */
  private async *tied(): AsyncGenerator<string[]> {
    for (const [side, field] of [
      ['followers', 'followeeId'],
      ['following', 'followerId'],
    ] as const)
      for await (const ids of this.follows.valuesOf(field)) yield ids.map((id) => sideId(side, id));
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

  protected readonly nothing = { ties: 0 };

  protected async count(id: string): Promise<{ ties: number }> {
    const [side, profileId] = sideOf(id);
    return { ties: await this.follows.countOf(side, profileId) };
  }

  protected async countMany(ids: readonly string[]): Promise<Map<string, { ties: number }>> {
    const counted = await Promise.all(
      (['followers', 'following'] as const).map(async (side) => {
        const profileIds = ids.map(sideOf).flatMap(([of, profileId]) => (of === side ? [profileId] : []));
        const counts = await this.follows.countsOf(side, profileIds);
        return [...counts].map(([profileId, ties]) => [sideId(side, profileId), { ties }] as const);
      }),
    );
    return new Map(counted.flat());
  }
}
