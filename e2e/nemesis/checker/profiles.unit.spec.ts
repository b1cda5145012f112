import { expect, test } from '@jest/globals';
import { checkProfiles } from './profiles.js';
import type { PersonShown } from './shown.js';
import { recordingOf, type Told } from './told.js';

const EVENTS: readonly Told[] = [
  ['social.graph.v1', 'profile.created', 'ada', { name: 'Buyer' }],
  ['social.graph.v1', 'profile.changed', 'ada', { name: 'Ada' }],
];
const problemsOf = (name: string, events: readonly Told[]): string[] => {
  const counts = { followerCount: 0, followingCount: 0, followers: [], following: [], posts: [] };
  const people: PersonShown[] = [{ profileId: 'ada', name, ...counts }];
  return checkProfiles(recordingOf(events, { people }));
};

test('people have the name that they gave last; another one, and somebody of whom nothing was told, are found', () => {
  expect(problemsOf('Ada', EVENTS)).toEqual([]);
  expect(problemsOf('Buyer', EVENTS)).toEqual(['ada shows the name Buyer, its events say Ada']);
  expect(problemsOf('Ada', [])).toEqual(['ada is shown, and was never told of']);
});
