import { expect, test } from '@jest/globals';
import { checkLastWords } from './last-words.js';
import type { LastWord } from './shown.js';
import { recordingOf, type Told } from './told.js';

const tie = (type: string): Told => ['social.graph.v1', type, 'ben|ada', { followerId: 'ben', followeeId: 'ada' }];
const reaction = (kind: string): Told => [
  'social.engagement.v1',
  'reaction.set',
  'post|ben',
  { postId: 'post', profileId: 'ben', kind },
];
const FOLLOWS: LastWord = { kind: 'follow', by: 'ben', to: 'ada', value: 'ACTIVE' };
const LOVES: LastWord = { kind: 'reaction', by: 'ben', to: 'post', value: 'LOVE' };
const problemsOf = (events: readonly Told[], ...lastWords: readonly LastWord[]): string[] =>
  checkLastWords({ ...recordingOf(events, {}), lastWords });

test('nothing is wrong where all is as it was last asked for', () => {
  const events = [tie('graph.followed'), reaction('LIKE'), reaction('LOVE')];
  expect(problemsOf(events, FOLLOWS, LOVES)).toEqual([]);
  expect(problemsOf([], { ...FOLLOWS, value: null }, { ...LOVES, value: null })).toEqual([]);
});

test('it is found that a follow was lost, an unfollow was undone, and a reaction is an earlier one', () => {
  expect(problemsOf([], FOLLOWS)).toEqual(['the follow of ben to ada was to be ACTIVE, its events say null']);
  expect(problemsOf([tie('graph.unfollowed'), tie('graph.followed')], { ...FOLLOWS, value: null })).toHaveLength(1);
  expect(problemsOf([reaction('LIKE')], LOVES)).toHaveLength(1);
});
