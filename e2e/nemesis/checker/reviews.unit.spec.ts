import { expect, test } from '@jest/globals';
import { checkReviews, rate } from './reviews.js';
import type { ProductShown, RatingShown, ReviewShown } from './shown.js';
import { recordingOf, type Told } from './told.js';

const published = (number: number, stars: number): Told => [
  'reputation.review.v1',
  'review.published',
  `review-${number}`,
  {
    reviewId: `review-${number}`,
    productId: 'lamp',
    authorId: 'ben',
    stars,
    text: 'Bright.',
    createdAt: `2026-11-25T12:00:0${number}.000Z`,
  },
];
const rated = (rating: RatingShown, asOf: number, formulaVersion = 'bayes-7-3.5'): Told => [
  'reputation.score.v1',
  'rating.changed',
  'lamp',
  { ...rating, formulaVersion, asOf: `2026-11-25T12:00:0${asOf}.000Z` },
];
const replied: Told = ['reputation.review.v1', 'review.replied', 'review-1', { text: 'Thank you!' }];

/** (7 * 3.5 + 5 + 2) / 9 = 3.5 */
const RATING: RatingShown = { count: 2, average: 3.5, distribution: [0, 1, 0, 0, 1], score: 3.5 };
const FIRST: RatingShown = { count: 1, average: 5, distribution: [0, 0, 0, 0, 1], score: 3.6875 };
const REVIEWS: readonly ReviewShown[] = [
  { reviewId: 'review-2', authorId: 'ben', stars: 2, text: 'Bright.', reply: null },
  { reviewId: 'review-1', authorId: 'ben', stars: 5, text: 'Bright.', reply: 'Thank you!' },
];
const LAMP: ProductShown = { productId: 'lamp', rating: RATING, reviews: REVIEWS, posts: [] };
const EVENTS = [published(1, 5), rated(FIRST, 1), replied, published(2, 2)];
const problemsOf = (product: ProductShown, last: Told = rated(RATING, 2)): string[] =>
  checkReviews(recordingOf([...EVENTS, last], { products: [product] }));

test('a rating is worked out as its formula is named', () => {
  expect(rate([5], 'bayes-7-3.5')).toEqual(FIRST);
  expect(rate([], 'bayes-7-3.5')).toEqual({ count: 0, average: null, distribution: [0, 0, 0, 0, 0], score: 3.5 });
  expect(rate([5], 'by-mood')).toBeUndefined();
});

test('nothing is wrong where reviews and rating are those that were told', () => {
  expect(problemsOf(LAMP)).toEqual([]);
});

test.each([
  ['a review was lost', { reviews: REVIEWS.slice(1) }, 'reviews of lamp lacks review-2'],
  ['the older review comes first', { reviews: REVIEWS.toReversed() }, 'reviews of lamp is in another order'],
  ['a reply was lost', { reviews: REVIEWS.map((one) => ({ ...one, reply: null })) }, 'reviews of lamp lacks review-1'],
  ['a review was counted twice', { rating: { ...RATING, count: 3 } }, 'lamp shows 3 reviews'],
  ['a score is wrong', { rating: { ...RATING, score: 3.6 } }, 'score 3.6'],
  ['stars are counted elsewhere', { rating: { ...RATING, distribution: [0, 0, 1, 0, 1] } }, '0,0,1,0,1'],
])('it is found that %s', (_, change, problem) => {
  expect(problemsOf({ ...LAMP, ...change })).toContainEqual(expect.stringContaining(problem));
});

test.each([
  ['the last review was not told of', rated(FIRST, 1), 'was told last'],
  ['a wrong score was told', rated({ ...RATING, score: 4 }, 2), 'was told last'],
  ['a rating was told as of another moment', rated(RATING, 3), 'its last review is of'],
  ['nobody can work a rating out', rated(RATING, 2, 'by-mood'), 'which nobody can work out'],
])('it is found that %s', (_, last, problem) => {
  expect(problemsOf(LAMP, last)).toContainEqual(expect.stringContaining(problem));
});
