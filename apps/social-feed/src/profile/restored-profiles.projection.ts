import { ProfileChanged, ProfileCreated, type EventOf } from '#contracts';
import { restoredAggregates } from '#messaging';
import type { KnownState } from '#persistence';
import { findable, ProfileRepository, type StoredProfile } from './profile.repository.js';

type ProfileEvent = EventOf<typeof ProfileCreated> | EventOf<typeof ProfileChanged>;

/** What an event tells of a profile: all of it. Events of before say when it was created only by their own time. */
export function toldOfProfile({ subject: id, version, time, data }: ProfileEvent): KnownState<StoredProfile> {
  const { accountId, handle, name, bio = null, avatarUrl = null, createdAt } = data;
  const told = new Date(createdAt ?? time);
  const apply = (present: StoredProfile | undefined, isNewest: boolean): StoredProfile => {
    const since = createdAt || present === undefined || told < present.createdAt ? told : present.createdAt;
    const profile = { accountId, handle, name, bio, avatarUrl };
    return isNewest || present === undefined ? findable(profile, since) : { ...present, createdAt: since };
  };
  return { id, version, apply };
}

/** Profiles, from their states. */
export const restoredProfiles = restoredAggregates({
  name: 'social-feed.profiles',
  from: [ProfileCreated, ProfileChanged],
  into: ProfileRepository,
  told: toldOfProfile,
});
