import { expect, test } from '@jest/globals';
import { checkPosts } from './posts.js';
import type { PostShown, Shown } from './shown.js';
import { recordingOf, type Told } from './told.js';

const published = (postId: string, authorId: string, productIds: readonly string[]): Told => [
  'social.post.v1',
  'post.published',
  postId,
  { postId, authorId, text: `Text of ${postId}`, productTags: productIds.map((productId) => ({ productId })) },
];
const shownOf = (postId: string, authorId: string, productIds: readonly string[]): PostShown => ({
  postId,
  authorId,
  text: `Text of ${postId}`,
  productIds,
  reactions: {},
  commentCount: 0,
  comments: [],
});
const EVENTS: readonly Told[] = [
  published('post-1', 'ada', ['lamp']),
  published('post-2', 'ada', ['lamp', 'lamp']),
  published('post-3', 'ada', []),
  ['social.post.v1', 'post.deleted', 'post-1', { postId: 'post-1', authorId: 'ada' }],
];
const [SECOND, THIRD] = [shownOf('post-2', 'ada', ['lamp', 'lamp']), shownOf('post-3', 'ada', [])];

const showing = (
  posts: readonly PostShown[],
  ofAda: readonly string[],
  aboutLamp: readonly string[],
): Partial<Shown> => ({
  posts,
  people: [
    { profileId: 'ada', name: 'Ada', followerCount: 0, followingCount: 0, followers: [], following: [], posts: ofAda },
  ],
  products: [{ productId: 'lamp', rating: null, reviews: [], posts: aboutLamp }],
});
const problemsOf = (shown: Partial<Shown>): string[] => checkPosts(recordingOf(EVENTS, shown));

test('nothing is wrong where posts are shown as they were published, until they were taken back', () => {
  expect(problemsOf(showing([SECOND, THIRD], ['post-3', 'post-2'], ['post-2']))).toEqual([]);
});

test.each([
  ['a post was lost', showing([SECOND], ['post-3', 'post-2'], ['post-2']), 'the posts lacks post-3'],
  [
    'a post that was taken back is there',
    showing([SECOND, THIRD, shownOf('post-1', 'ada', ['lamp'])], ['post-3', 'post-2'], ['post-2']),
    'the posts has post-1, which',
  ],
  [
    'a post has another text',
    showing([SECOND, { ...THIRD, text: '' }], ['post-3', 'post-2'], ['post-2']),
    'post-3 is not shown as it was published',
  ],
  [
    "a post is missing among its author's",
    showing([SECOND, THIRD], ['post-3'], ['post-2']),
    'posts of ada lacks post-2',
  ],
  [
    'an older post comes first',
    showing([SECOND, THIRD], ['post-2', 'post-3'], ['post-2']),
    'posts of ada is in another order',
  ],
  [
    'a post is missing at the product that it tags',
    showing([SECOND, THIRD], ['post-3', 'post-2'], []),
    'posts about lamp lacks post-2',
  ],
])('it is found that %s', (_, shown, problem) => {
  expect(problemsOf(shown)).toContainEqual(expect.stringContaining(problem));
});
