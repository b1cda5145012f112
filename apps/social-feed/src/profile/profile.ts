import { event, ProfileChanged, ProfileCreated, type NewEvent } from '#contracts';

/** A person as others see them. */
export interface Profile {
  readonly accountId: string;
  /** Unique among people; the identity service sees to that. */
  readonly handle: string;
  readonly name: string;
  readonly bio: string | null;
  readonly avatarUrl: string | null;
}

/** Undefined leaves a field as it is; null takes bio or picture away (a name can't be taken away). */
export interface ProfileChanges {
  readonly name?: string | null;
  readonly bio?: string | null;
  readonly avatarUrl?: string | null;
}

export const newProfile = (account: { accountId: string; handle: string; name: string }): Profile => ({
  accountId: account.accountId,
  handle: account.handle,
  name: account.name,
  bio: null,
  avatarUrl: null,
});

export function changeProfile(profile: Profile, changes: ProfileChanges): Profile {
  return {
    ...profile,
    name: changes.name ?? profile.name,
    bio: changes.bio === undefined ? profile.bio : changes.bio || null,
    avatarUrl: changes.avatarUrl === undefined ? profile.avatarUrl : changes.avatarUrl,
  };
}

export const sameProfile = (one: Profile, other: Profile): boolean =>
  one.name === other.name && one.bio === other.bio && one.avatarUrl === other.avatarUrl;

const dataOf = (profileId: string, profile: Profile, createdAt: Date) => ({
  profileId,
  accountId: profile.accountId,
  handle: profile.handle,
  name: profile.name,
  bio: profile.bio,
  avatarUrl: profile.avatarUrl,
  createdAt: createdAt.toISOString(),
});
export const profileCreated = (profileId: string, profile: Profile, createdAt: Date): NewEvent =>
  event(ProfileCreated, dataOf(profileId, profile, createdAt));
export const profileChanged = (profileId: string, profile: Profile, createdAt: Date): NewEvent =>
  event(ProfileChanged, dataOf(profileId, profile, createdAt));
