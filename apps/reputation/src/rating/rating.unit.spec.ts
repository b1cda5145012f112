import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FORMULA_VERSION, NO_STARS, ratingOf, starCounts, type StarCounts } from './rating.js';

const counts = fc.tuple(fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), fc.nat(1e6));
const withOneMore = (before: StarCounts, stars: number): StarCounts =>
  starCounts(before.map((count, index) => [index + 1, count + (index + 1 === stars ? 1 : 0)] as const));

describe('the rating of a product', () => {
  test('without reviews has no average, and the prior for a score', () => {
    expect(ratingOf(NO_STARS)).toEqual({ average: null, count: 0, distribution: [0, 0, 0, 0, 0], score: 3.5 });
  });

  test('follows the published formula: one review of 5 stars, twenty, and one of 1 star after them', () => {
    expect(FORMULA_VERSION).toBe('bayes-7-3.5');
    expect(ratingOf([0, 0, 0, 0, 1])).toMatchObject({ average: 5, count: 1, score: 3.6875 });
    expect(ratingOf([0, 0, 0, 0, 20]).score).toBeCloseTo(124.5 / 27, 12);
    expect(ratingOf([1, 0, 0, 0, 20]).score).toBeCloseTo(125.5 / 28, 12);
  });

  test('stays between 1 and 5, and its average and count follow from its distribution', () => {
    fc.assert(
      fc.property(counts, (given) => {
        const { average, count, distribution, score } = ratingOf(given);
        expect(score).toBeGreaterThanOrEqual(1);
        expect(score).toBeLessThanOrEqual(5);
        expect(count).toBe(distribution.reduce((sum, n) => sum + n, 0));
        if (average !== null) expect([average >= 1, average <= 5]).toEqual([true, true]);
      }),
    );
  });

  test('is never lowered by 5 stars nor raised by 1 star', () => {
    fc.assert(
      fc.property(counts, (given) => {
        expect(ratingOf(withOneMore(given, 5)).score).toBeGreaterThanOrEqual(ratingOf(given).score);
        expect(ratingOf(withOneMore(given, 1)).score).toBeLessThanOrEqual(ratingOf(given).score);
      }),
    );
  });

  test('is pulled less to the prior by more reviews', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e5 }), (many) => {
        expect(ratingOf([0, 0, 0, 0, many + 1]).score).toBeGreaterThan(ratingOf([0, 0, 0, 0, many]).score);
      }),
    );
  });
});
