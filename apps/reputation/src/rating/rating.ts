/** How many reviews gave 1, 2, 3, 4 and 5 stars. Whole numbers only: sums of them do not depend on the order. */
export type StarCounts = readonly [number, number, number, number, number];
export const NO_STARS: StarCounts = [0, 0, 0, 0, 0];

/**
 * Bayesian average with the prior that Trustpilot publishes for its TrustScore (C = 7 reviews of m = 3.5 stars):
 * score = (C * m + sum of stars) / (C + count). Every review counts fully: all are of verified purchases.
 */
export const FORMULA_VERSION = 'bayes-7-3.5';
const PRIOR_REVIEWS = 7;
const PRIOR_STARS = 3.5;

export interface Rating {
  /** Plain mean, null without reviews. */
  readonly average: number | null;
  readonly count: number;
  readonly distribution: number[];
  /** 1 to 5; of no reviews, the prior's 3.5. */
  readonly score: number;
}

export const countOf = (counts: StarCounts): number => counts.reduce((sum, count) => sum + count, 0);
const sumOf = (counts: StarCounts): number => counts.reduce((sum, count, index) => sum + count * (index + 1), 0);
export const averageOf = (counts: StarCounts): number | null =>
  countOf(counts) === 0 ? null : sumOf(counts) / countOf(counts);

export const ratingOf = (counts: StarCounts): Rating => ({
  average: averageOf(counts),
  count: countOf(counts),
  distribution: [...counts],
  score: (PRIOR_REVIEWS * PRIOR_STARS + sumOf(counts)) / (PRIOR_REVIEWS + countOf(counts)),
});

/** @param byStars pairs of stars (1 to 5) and how many reviews gave them; what is not named is 0. */
export function starCounts(byStars: Iterable<readonly [stars: number, count: number]>): StarCounts {
  const counts = new Map(byStars);
  const of = (stars: number): number => counts.get(stars) ?? 0;
  return [of(1), of(2), of(3), of(4), of(5)];
}
