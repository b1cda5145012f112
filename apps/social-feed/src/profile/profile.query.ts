import { Injectable } from '@nestjs/common';
import type { ProfileView } from '#contracts';
import type { Stored } from '#persistence';
import { FollowCounts } from '../graph/follow-counts.projection.js';
import { FollowRepository } from '../graph/follow.repository.js';
import { ProfileRepository, type StoredProfile } from './profile.repository.js';

/** Profiles as the API shows them, with their counts and whether the viewer follows them. */
@Injectable()
export class ProfileViews {
  constructor(
    private readonly profiles: ProfileRepository,
    private readonly follows: FollowRepository,
    private readonly counts: FollowCounts,
  ) {}

  /** Those that exist, by id. */
  async byIds(ids: readonly string[], viewerId: string | undefined): Promise<Map<string, ProfileView>> {
    const views = await this.of(await this.profiles.findMany(ids), viewerId);
    return new Map(views.map((view) => [view.id, view]));
  }

  async of(profiles: readonly Stored<StoredProfile>[], viewerId: string | undefined): Promise<ProfileView[]> {
    if (profiles.length === 0) return [];
    const ids = profiles.map(({ id }) => id);
    const [counts, followed] = await Promise.all([
      this.counts.of(ids),
      viewerId === undefined ? undefined : this.follows.followedAmong(viewerId, ids),
    ]);
    return profiles.map(({ id, state }) => ({
      id,
      accountId: state.accountId,
      handle: state.handle,
      name: state.name,
      bio: state.bio,
      avatarUrl: state.avatarUrl,
      ...counts(id),
      viewerFollows: followed === undefined ? null : followed.has(id),
    }));
  }
}
