import { expect, test } from '@jest/globals';
import { checkFeeds } from './feeds.js';
import type { FeedEntryShown } from './shown.js';
import { recordingOf, type Told } from './told.js';

const published = (postId: string, authorId: string): Told => [
  'social.post.v1',
  'post.published',
  postId,
  { postId, authorId, text: '', productTags: [] },
];
const tie = (type: string, followeeId: string): Told => [
  'social.graph.v1',
  type,
  `ben|${followeeId}`,
  { followerId: 'ben', followeeId },
];

/** Ben followed Ada between her posts, and no longer follows Cleo. */
const EVENTS: readonly Told[] = [
  published('post-1', 'ada'),
  tie('graph.followed', 'ada'),
  tie('graph.followed', 'cleo'),
  published('post-2', 'cleo'),
  published('post-3', 'ben'),
  published('post-4', 'ada'),
  published('post-5', 'ada'),
  tie('graph.unfollowed', 'cleo'),
  ['social.post.v1', 'post.deleted', 'post-5', { postId: 'post-5', authorId: 'ada' }],
];
const entry = (number: number, reason = 'FOLLOWING'): FeedEntryShown => ({
  postId: `post-${number}`,
  reason,
  reaction: null,
});
const OWN = entry(3, 'OWN');
const problemsOf = (feed: readonly FeedEntryShown[]): string[] =>
  checkFeeds(recordingOf(EVENTS, { readers: [{ profileId: 'ben', feed, orders: [] }] }));

test('nothing is wrong with a feed of what those who are followed posted, also before they were, and the own posts', () => {
  expect(problemsOf([entry(4), OWN, entry(1)])).toEqual([]);
});

test.each([
  ['a new post never came to a follower', [OWN, entry(1)], 'home feed of ben lacks post-4'],
  ['a new follower never got older posts', [entry(4), OWN], 'home feed of ben lacks post-1'],
  ['the own post is missing', [entry(4), entry(1)], 'home feed of ben lacks post-3'],
  ['a post of somebody who is no longer followed is there', [entry(4), OWN, entry(2), entry(1)], 'has post-2, which'],
  ['a post that was taken back is there', [entry(5), entry(4), OWN, entry(1)], 'has post-5, which'],
  ['a post is there twice', [entry(4), entry(4), OWN, entry(1)], 'home feed of ben has 1 entries twice'],
  ['an older post comes first', [OWN, entry(4), entry(1)], 'home feed of ben is in another order'],
  ['another reason is given', [entry(4), entry(3), entry(1)], 'home feed of ben gives FOLLOWING for post-3'],
])('it is found that %s', (_, feed, problem) => {
  expect(problemsOf(feed)).toContainEqual(expect.stringContaining(problem));
});
