import { expect, test } from '@jest/globals';
import { checkFollows } from './follows.js';
import type { PersonShown } from './shown.js';
import { recordingOf, type Told } from './told.js';

const follow = (followerId: string, followeeId: string, second = 0): Told => [
  'social.graph.v1',
  'graph.followed',
  `${followerId}|${followeeId}`,
  { followerId, followeeId, since: `2026-11-25T12:00:0${second}.000Z` },
];
const unfollow = (followerId: string, followeeId: string): Told => [
  'social.graph.v1',
  'graph.unfollowed',
  `${followerId}|${followeeId}`,
  { followerId, followeeId },
];
const person = (profileId: string, followers: readonly string[], following: readonly string[]): PersonShown => ({
  profileId,
  name: profileId,
  followerCount: followers.length,
  followingCount: following.length,
  followers,
  following,
  posts: [],
});

/** Ben and Cleo follow Ada, Ben first; Ben followed Cleo for a while, and Ada again after a pause. */
const EVENTS: readonly Told[] = [
  follow('ben', 'ada', 1),
  follow('ben', 'cleo', 2),
  follow('cleo', 'ada', 3),
  unfollow('ben', 'cleo'),
  unfollow('ben', 'ada'),
  follow('ben', 'ada', 5),
];
const ADA = person('ada', ['ben', 'cleo'], []);
const PEOPLE = [ADA, person('ben', [], ['ada']), person('cleo', [], ['ada'])];
const problemsOf = (people: readonly PersonShown[], events = EVENTS): string[] =>
  checkFollows(recordingOf(events, { people }));

test('nothing is wrong where lists and counts are those of the ties', () => {
  expect(problemsOf(PEOPLE)).toEqual([]);
});

test('of two ties of one moment, either may come first', () => {
  const events = [follow('ben', 'ada', 1), follow('cleo', 'ada', 1)];
  expect(problemsOf([ADA], events)).toEqual([]);
  expect(problemsOf([person('ada', ['cleo', 'ben'], [])], events)).toEqual([]);
});

test.each([
  ['a follow was lost', person('ada', ['cleo'], []), 'followers of ada lacks ben'],
  ['an unfollow was lost', person('cleo', ['ben'], ['ada']), 'followers of cleo has ben, which'],
  ['a follow was counted twice', { ...ADA, followerCount: 3 }, 'ada shows 3 followers, its ties are 2'],
  ['an unfollow was not counted', { ...person('ben', [], ['ada']), followingCount: 2 }, 'ben shows 2 followed'],
  ['a follower is there twice', person('ada', ['ben', 'cleo', 'cleo'], []), 'followers of ada has 1 entries twice'],
  ['the earlier follower comes first', person('ada', ['cleo', 'ben'], []), 'followers of ada is in another order'],
])('it is found that %s', (_, shown, problem) => {
  expect(problemsOf([shown])).toContainEqual(expect.stringContaining(problem));
});
