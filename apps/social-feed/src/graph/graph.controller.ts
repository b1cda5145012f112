import { Controller } from '@nestjs/common';
import {
  FollowedBy,
  FollowersOf,
  FollowProfile,
  notFound,
  UnfollowProfile,
  type InputOf,
  type OutputOf,
} from '#contracts';
import { placeOf, toPage } from '#persistence';
import { Handles, type OperationContext } from '#service-kit';
import type { Stored } from '#persistence';
import { ProfileViews } from '../profile/profile.query.js';
import { ProfileRepository } from '../profile/profile.repository.js';
import { FollowHandler } from './follow.handler.js';
import { FollowRepository } from './follow.repository.js';
import type { Follow } from './graph.js';

@Controller()
export class GraphController {
  constructor(
    private readonly profiles: ProfileRepository,
    private readonly follows: FollowRepository,
    private readonly handler: FollowHandler,
    private readonly views: ProfileViews,
  ) {}

  @Handles(FollowProfile)
  async follow(
    { profileId }: InputOf<typeof FollowProfile>,
    context: OperationContext,
  ): Promise<OutputOf<typeof FollowProfile>> {
    if (profileId === context.profileId)
      return { __typename: 'SelfFollow', code: 'SELF_FOLLOW', message: 'Nobody follows themselves' };
    if (!(await this.profiles.find(profileId))) return notFound('Profile', profileId);
    await this.handler.follow({ followerId: context.profileId, followeeId: profileId }, context);
    return this.profile(profileId, context.profileId);
  }

  @Handles(UnfollowProfile)
  async unfollow(
    { profileId }: InputOf<typeof UnfollowProfile>,
    context: OperationContext,
  ): Promise<OutputOf<typeof UnfollowProfile>> {
    await this.handler.unfollow({ followerId: context.profileId, followeeId: profileId }, context);
    return this.profile(profileId, context.profileId);
  }

  @Handles(FollowersOf)
  async followersOf(
    { profileId, first, after }: InputOf<typeof FollowersOf>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof FollowersOf>> {
    const list = `followers ${profileId}`;
    const ties = await this.follows.followersOf(profileId, placeOf(list, after), first + 1);
    return this.page({ list, first, ties, viewerId: caller?.profileId }, ({ followerId }) => followerId);
  }

  @Handles(FollowedBy)
  async followedBy(
    { profileId, first, after }: InputOf<typeof FollowedBy>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof FollowedBy>> {
    const list = `following ${profileId}`;
    const ties = await this.follows.followedBy(profileId, placeOf(list, after), first + 1);
    return this.page({ list, first, ties, viewerId: caller?.profileId }, ({ followeeId }) => followeeId);
  }

  private async page(
    page: { list: string; first: number; ties: Stored<Follow>[]; viewerId: string | undefined },
    otherOf: (tie: Follow) => string,
  ) {
    const profiles = await this.views.byIds(
      page.ties.map(({ state }) => otherOf(state)),
      page.viewerId,
    );
    const rows = page.ties.map(({ state }) => ({ place: state.seq, node: profiles.get(otherOf(state)) }));
    return toPage(page.list, page.first, rows);
  }

  private async profile(profileId: string, viewerId: string): Promise<OutputOf<typeof FollowProfile>> {
    const view = (await this.views.byIds([profileId], viewerId)).get(profileId);
    return view ? { __typename: 'Profile', ...view } : notFound('Profile', profileId);
  }
}
