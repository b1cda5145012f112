import { Followed, Unfollowed, type EventOf } from '#contracts';
import { restoredAggregates } from '#messaging';
import type { KnownState } from '#persistence';
import { FollowRepository } from './follow.repository.js';
import { beginFollow, type Follow } from './graph.js';

type TieEvent = EventOf<typeof Followed> | EventOf<typeof Unfollowed>;

/** What an event tells of a tie. */
export function toldOfTie(told: TieEvent): KnownState<Follow> {
  const { subject: id, version, time } = told;
  const { followerId, followeeId } = told.data;
  if (told.type === 'graph.unfollowed') {
    // Where it stands, the event of its beginning says.
    const apply = (present: Follow = { followerId, followeeId, active: false, seq: '' }, isNewest: boolean) =>
      isNewest ? { ...present, active: false } : present;
    return { id, version, apply };
  }
  const begun = beginFollow(followerId, followeeId, new Date(told.data.since ?? time)).state;
  const apply = (present: Follow | undefined, isNewest: boolean): Follow => {
    if (isNewest || present === undefined) return begun;
    return present.seq < begun.seq ? { ...present, seq: begun.seq } : present;
  };
  return { id, version, apply };
}

/** Who follows whom, from the states of the ties. */
export const restoredTies = restoredAggregates({
  name: 'social-feed.follows',
  from: [Followed, Unfollowed],
  into: FollowRepository,
  told: toldOfTie,
});
