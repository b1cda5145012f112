import { Controller } from '@nestjs/common';
import {
  AwaitProfile,
  ProfileByHandle,
  ProfilesByIds,
  SearchProfiles,
  UpdateProfile,
  type InputOf,
  type OutputOf,
  type ProfileView,
} from '#contracts';
import { placeOf, toPage } from '#persistence';
import { Handles, ServiceUnavailableError, type OperationContext } from '#service-kit';
import { ProfileArrivals } from './profile-arrivals.js';
import { changeProfile, profileChanged, sameProfile } from './profile.js';
import { ProfileViews } from './profile.query.js';
import { findable, ProfileRepository } from './profile.repository.js';

/** Between two looks for a profile that another process may make. */
const LOOK_EVERY_MS = 100;

@Controller()
export class ProfileController {
  constructor(
    private readonly profiles: ProfileRepository,
    private readonly views: ProfileViews,
    private readonly arrivals: ProfileArrivals,
  ) {}

  @Handles(ProfilesByIds)
  async profilesByIds(
    { ids }: InputOf<typeof ProfilesByIds>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof ProfilesByIds>> {
    return [...(await this.views.byIds(ids, caller?.profileId)).values()];
  }

  @Handles(ProfileByHandle)
  async profileByHandle(
    { handle }: InputOf<typeof ProfileByHandle>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof ProfileByHandle>> {
    const profile = await this.profiles.findByHandle(handle);
    const [view] = await this.views.of(profile ? [profile] : [], caller?.profileId);
    return view ?? null;
  }

  @Handles(AwaitProfile)
  async awaitProfile(
    { id, waitMs }: InputOf<typeof AwaitProfile>,
    { caller, deadlineAt }: OperationContext,
  ): Promise<OutputOf<typeof AwaitProfile>> {
    const until = Math.min(Date.now() + waitMs, deadlineAt.getTime());
    for (;;) {
      const leftMs = until - Date.now();
      // Waiting begins before looking: a profile made in between wakes it.
      const arrival = this.arrivals.next(id, Math.max(0, Math.min(LOOK_EVERY_MS, leftMs)));
      const view: ProfileView | undefined = (await this.views.byIds([id], caller?.profileId)).get(id);
      if (view || leftMs <= 0) return view ?? null;
      await arrival;
    }
  }

  @Handles(SearchProfiles)
  async searchProfiles(
    { query, first, after }: InputOf<typeof SearchProfiles>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof SearchProfiles>> {
    const list = `profiles ${query}`;
    const profiles = await this.profiles.search(query, placeOf(list, after), first + 1);
    const views = await this.views.of(profiles, caller?.profileId);
    return toPage(
      list,
      first,
      views.map((node) => ({ place: node.id, node })),
    );
  }

  @Handles(UpdateProfile)
  async updateProfile(
    changes: InputOf<typeof UpdateProfile>,
    { profileId, commandId }: OperationContext,
  ): Promise<OutputOf<typeof UpdateProfile>> {
    const changed = await this.profiles.mutate(
      profileId,
      (present) => {
        const next = changeProfile(present, changes);
        if (sameProfile(present, next)) return {};
        const { createdAt } = present;
        return { state: findable(next, createdAt), events: [profileChanged(profileId, next, createdAt)] };
      },
      { commandId },
    );
    const [view] = await this.views.of(changed ? [changed.stored] : [], profileId);
    // The profile is made by the event of the account, which may still be on its way.
    if (!view) throw new ServiceUnavailableError(`${profileId} is not there yet`);
    return { __typename: 'Profile', ...view };
  }
}
