import { reactionsTold } from './engagement.js';
import { tiesTold } from './follows.js';
import type { Check } from './recording.js';

/** What somebody did last and was told is done, is so: the tie holds or has ended, the reaction stands or is gone. */
export const checkLastWords: Check = (recording) => {
  const told = new Map<string, string>();
  for (const { followerId, followeeId } of tiesTold(recording))
    told.set(`follow ${followerId} ${followeeId}`, 'ACTIVE');
  for (const { postId, profileId, kind } of reactionsTold(recording)) told.set(`reaction ${profileId} ${postId}`, kind);
  return recording.lastWords.flatMap(({ kind, by, to, value }) => {
    const is = told.get(`${kind} ${by} ${to}`) ?? null;
    return is === value ? [] : [`the ${kind} of ${by} to ${to} was to be ${value}, its events say ${is}`];
  });
};
