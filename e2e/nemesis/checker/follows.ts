import { z } from 'zod';
import { compareLists, latestFirst } from './lists.js';
import { histories, type Check, type Recording } from './recording.js';

const Tie = z.object({ followerId: z.string(), followeeId: z.string(), since: z.string().nullish() });

export interface TieTold {
  readonly followerId: string;
  readonly followeeId: string;
  /** When it began. */
  readonly since: string;
}

/** The ties that hold, by what each of them told last. */
export function tiesTold(recording: Recording): TieTold[] {
  return [...histories(recording, 'social.graph.v1').values()].flatMap((history) => {
    const last = history.at(-1);
    if (last?.type !== 'graph.followed') return [];
    const { since, ...ends } = Tie.parse(JSON.parse(last.value));
    return [{ ...ends, since: since ?? '' }];
  });
}

/** The other ends of ties with when they began, for each of those who are at one end. */
function byEnd(ties: readonly TieTold[], end: 'followerId' | 'followeeId'): Map<string, Map<string, string>> {
  const other = end === 'followerId' ? 'followeeId' : 'followerId';
  const found = new Map<string, Map<string, string>>();
  for (const tie of ties)
    found.set(tie[end], (found.get(tie[end]) ?? new Map<string, string>()).set(tie[other], tie.since));
  return found;
}

/** Who follows whom, and how many, is what the ties told last; the latest come first. */
export const checkFollows: Check = (recording) => {
  const ties = tiesTold(recording);
  const [followers, following] = [byEnd(ties, 'followeeId'), byEnd(ties, 'followerId')];
  return recording.shown.people.flatMap((person) => {
    const { profileId } = person;
    const expected = [followers.get(profileId) ?? new Map(), following.get(profileId) ?? new Map()] as const;
    const told = [
      [person.followerCount, expected[0].size, 'followers'],
      [person.followingCount, expected[1].size, 'followed'],
    ] as const;
    return [
      ...compareLists(`followers of ${profileId}`, person.followers, latestFirst(expected[0], person.followers)),
      ...compareLists(`following of ${profileId}`, person.following, latestFirst(expected[1], person.following)),
      ...told
        .filter(([count, due]) => count !== due)
        .map(([count, due, what]) => `${profileId} shows ${count} ${what}, its ties are ${due}`),
    ];
  });
};
