import { event, Followed, Unfollowed, type NewEvent } from '#contracts';

/** One person's tie to another. It stays when it ends, so that its events keep one order. */
export interface Follow {
  readonly followerId: string;
  readonly followeeId: string;
  readonly active: boolean;
  /** Where it stands among others: the moment it began, then its id. Newer ones are greater. */
  readonly seq: string;
}
export interface FollowDecision {
  readonly state?: Follow;
  readonly events?: readonly NewEvent[];
}

/** There is one document for each pair, so following twice at the same moment meets in one place. */
export const followId = (followerId: string, followeeId: string): string => `${followerId}|${followeeId}`;

const seqOf = (id: string, at: Date): string => `${at.toISOString()}|${id}`;
export function beginFollow(followerId: string, followeeId: string, at: Date): Required<FollowDecision> {
  const state: Follow = { followerId, followeeId, active: true, seq: seqOf(followId(followerId, followeeId), at) };
  const data = { followerId, followeeId, since: at.toISOString() };
  return { state, events: [event(Followed, data, followerId)] };
}

/** Following again changes nothing. */
export function follow(present: Follow, at: Date): FollowDecision {
  return present.active ? {} : beginFollow(present.followerId, present.followeeId, at);
}

/** Not following already changes nothing. */
export function unfollow(present: Follow): FollowDecision {
  if (!present.active) return {};
  const { followerId, followeeId } = present;
  const events = [event(Unfollowed, { followerId, followeeId }, followerId)];
  return { state: { ...present, active: false }, events };
}
