import { z } from 'zod';
import { addTo, compareLists, latestFirst } from './lists.js';
import { histories, type Check, type Message, type Recording } from './recording.js';
import type { ProductShown, RatingShown, ReviewShown } from './shown.js';

const Review = z.object({
  reviewId: z.string(),
  productId: z.string(),
  merchantId: z.string().default(''),
  authorId: z.string(),
  stars: z.number(),
  text: z.string(),
  createdAt: z.string().nullish(),
});
const Reply = z.object({ text: z.string() });
const Rating = z.object({
  average: z.number().nullable(),
  count: z.number(),
  distribution: z.array(z.number()),
  score: z.number(),
  formulaVersion: z.string(),
  asOf: z.string(),
});

export interface ReviewTold extends ReviewShown {
  readonly productId: string;
  readonly merchantId: string;
  readonly createdAt: string;
}

export function reviewsTold(recording: Recording): ReviewTold[] {
  return [...histories(recording, 'reputation.review.v1').values()].flatMap((history) => {
    const [first] = history;
    if (first?.type !== 'review.published') return [];
    const review = Review.parse(JSON.parse(first.value));
    const reply = history.find(({ type }) => type === 'review.replied');
    const answer = reply === undefined ? null : Reply.parse(JSON.parse(reply.value)).text;
    return [{ ...review, createdAt: review.createdAt ?? '', reply: answer }];
  });
}

const STARS = [1, 2, 3, 4, 5] as const;
const NEAR = 1e-9;

/** The formula is named `bayes-C-m`: C reviews of m stars stand beside those that there are. */
const FORMULA = /^bayes-([\d.]+)-([\d.]+)$/;
/** The one that the schema's documents and the events name. */
const SHOWN_FORMULA = 'bayes-7-3.5';

/** A rating as anybody can work it out; undefined where nobody can read the formula's name. */
export function rate(stars: readonly number[], formula: string): RatingShown | undefined {
  const [, reviews, mean] = FORMULA.exec(formula) ?? [];
  if (reviews === undefined || mean === undefined) return undefined;
  const sum = stars.reduce((all, one) => all + one, 0);
  return {
    count: stars.length,
    average: stars.length === 0 ? null : sum / stars.length,
    distribution: STARS.map((one) => stars.filter((given) => given === one).length),
    score: (Number(reviews) * Number(mean) + sum) / (Number(reviews) + stars.length),
  };
}

const isNear = (one: number | null, other: number | null): boolean =>
  one === null || other === null ? one === other : Math.abs(one - other) < NEAR;
const isSame = (one: RatingShown, other: RatingShown): boolean =>
  one.count === other.count &&
  isNear(one.average, other.average) &&
  isNear(one.score, other.score) &&
  one.distribution.join() === other.distribution.join();
const inWords = ({ count, average, distribution, score }: RatingShown): string =>
  `${count} reviews (${distribution.join()}) of ${average}, score ${score}`;

/** Reviews are listed as they were written, the latest first; ratings are what a count of them gives, as is what was told. */
export const checkReviews: Check = (recording) => {
  const reviews = new Map<string, ReviewTold[]>();
  for (const review of reviewsTold(recording)) addTo(reviews, review.productId, review);
  const ratings = histories(recording, 'reputation.score.v1');
  return recording.shown.products.flatMap((product) => {
    const due = reviews.get(product.productId) ?? [];
    return [...listed(product, due), ...rated(product, due), ...told(product, due, ratings.get(product.productId))];
  });
};

function listed({ productId, reviews }: ProductShown, due: readonly ReviewTold[]): string[] {
  const written = ({ reviewId, authorId, stars, text, reply }: ReviewShown): string =>
    `${reviewId} of ${authorId}: ${stars} ${text} (${reply ?? 'no reply'})`;
  const shown = reviews.map(written);
  const times = new Map(due.map((review) => [written(review), review.createdAt]));
  return compareLists(`reviews of ${productId}`, shown, latestFirst(times, shown));
}

function rated({ productId, rating }: ProductShown, due: readonly ReviewTold[]): string[] {
  const right = rate(
    due.map(({ stars }) => stars),
    SHOWN_FORMULA,
  );
  if (rating === null || right === undefined) return [`${productId} shows no rating`];
  return isSame(rating, right) ? [] : [`${productId} shows ${inWords(rating)}, its events give ${inWords(right)}`];
}

/** What was last told of a product's rating. */
function told({ productId }: ProductShown, due: readonly ReviewTold[], history: readonly Message[] = []): string[] {
  const last = history.at(-1);
  if (last === undefined) return due.length === 0 ? [] : [`${productId} has reviews, and no rating was told`];
  const { formulaVersion, asOf, ...rating } = Rating.parse(JSON.parse(last.value));
  const right = rate(
    due.map(({ stars }) => stars),
    formulaVersion,
  );
  if (right === undefined) return [`${productId} is rated by ${formulaVersion}, which nobody can work out`];
  if (!isSame(rating, right))
    return [`${productId}: ${inWords(rating)} was told last, its events give ${inWords(right)}`];
  const latest = due.map(({ createdAt }) => createdAt).reduce((one, other) => (one > other ? one : other), '');
  return asOf === latest ? [] : [`${productId}: its rating is told as of ${asOf}, its last review is of ${latest}`];
}
