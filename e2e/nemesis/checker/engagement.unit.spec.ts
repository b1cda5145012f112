import { expect, test } from '@jest/globals';
import { checkEngagement } from './engagement.js';
import type { CommentShown, PostShown } from './shown.js';
import { recordingOf, type Told } from './told.js';

const TOPIC = 'social.engagement.v1';
const reaction = (type: string, profileId: string, kind: string): Told => [
  TOPIC,
  type,
  `post|${profileId}`,
  { postId: 'post', profileId, kind },
];
const comment = (commentId: string): Told => [
  TOPIC,
  'comment.added',
  commentId,
  { commentId, postId: 'post', authorId: 'ben', text: 'Where from?' },
];
/** Two like it: Ben, who loved it first, and Dan. Cleo took her like back. */
const EVENTS: readonly Told[] = [
  reaction('reaction.set', 'ben', 'LOVE'),
  reaction('reaction.set', 'cleo', 'LIKE'),
  comment('comment-1'),
  reaction('reaction.set', 'dan', 'LIKE'),
  reaction('reaction.set', 'ben', 'LIKE'),
  reaction('reaction.removed', 'cleo', 'LIKE'),
  comment('comment-2'),
];
const shownComment = (commentId: string): CommentShown => ({ commentId, authorId: 'ben', text: 'Where from?' });
const COMMENTS = [shownComment('comment-1'), shownComment('comment-2')];
const POST: PostShown = {
  postId: 'post',
  authorId: 'ada',
  text: '',
  productIds: [],
  reactions: { LIKE: 2 },
  commentCount: 2,
  comments: COMMENTS,
};
const problemsOf = (post: PostShown): string[] => checkEngagement(recordingOf(EVENTS, { posts: [post] }));

test('nothing is wrong with a post that has what its readers made of it', () => {
  expect(problemsOf(POST)).toEqual([]);
});

test.each([
  ['a like was counted twice', { reactions: { LIKE: 3 } }, 'post shows 3 LIKE, its events say 2'],
  ['a like was lost', { reactions: { LIKE: 1 } }, 'post shows 1 LIKE, its events say 2'],
  ['what was changed is counted as it was, too', { reactions: { LIKE: 2, LOVE: 1 } }, 'post shows 1 LOVE'],
  ['a comment was not counted', { commentCount: 1 }, 'post shows 1 comments, its events are 2'],
  ['a comment was lost', { comments: COMMENTS.slice(1) }, 'comments of post lacks comment-1'],
  ['a comment is there twice', { comments: [...COMMENTS, shownComment('comment-2')] }, 'has 1 entries twice'],
  ['a newer comment comes first', { comments: COMMENTS.toReversed() }, 'comments of post is in another order'],
])('it is found that %s', (_, change, problem) => {
  expect(problemsOf({ ...POST, ...change })).toContainEqual(expect.stringContaining(problem));
});

test.each([
  ['ben', 'LOVE', 'ben sees LOVE as the own reaction to post, it is LIKE'],
  ['cleo', 'LIKE', 'cleo sees LIKE as the own reaction to post, it is null'],
  ['dan', null, 'dan sees null as the own reaction to post, it is LIKE'],
])('it is found that %s sees another reaction than the last one', (profileId, reaction, problem) => {
  const feed = [{ postId: 'post', reason: 'FOLLOWING', reaction }];
  const readers = [{ profileId, feed, orders: [] }];
  expect(checkEngagement(recordingOf(EVENTS, { readers }))).toEqual([problem]);
});
