import { tiesTold } from './follows.js';
import { addTo, compareLists, newestFirst } from './lists.js';
import { postsTold } from './posts.js';
import type { Check } from './recording.js';

/** A home feed is all posts of those who are followed and the reader's own, newest first, each with its reason. */
export const checkFeeds: Check = (recording) => {
  const byAuthor = new Map<string, string[]>();
  for (const { postId, authorId } of postsTold(recording)) addTo(byAuthor, authorId, postId);
  const followed = new Map<string, string[]>();
  for (const { followerId, followeeId } of tiesTold(recording)) addTo(followed, followerId, followeeId);
  return recording.shown.readers.flatMap(({ profileId, feed }) => {
    const own = new Set(byAuthor.get(profileId));
    const others = (followed.get(profileId) ?? []).flatMap((authorId) => byAuthor.get(authorId) ?? []);
    const entries = feed.map(({ postId }) => postId);
    const reasonOf = (postId: string): string => (own.has(postId) ? 'OWN' : 'FOLLOWING');
    return [
      ...compareLists(`home feed of ${profileId}`, entries, newestFirst([...own, ...others])),
      ...feed
        .filter(({ postId, reason }) => reason !== reasonOf(postId))
        .map(({ postId, reason }) => `home feed of ${profileId} gives ${reason} for ${postId}`),
    ];
  });
};
