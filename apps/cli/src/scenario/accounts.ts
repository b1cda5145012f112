import { inParallel } from '../parallel.js';
import { isReviewed, type PlayedOrder } from './orders.js';
import type { Booked } from './provider-books.js';
import { MerchantRecord, ProductRating, type Rating, type ShopRecord } from './scenario-queries.js';
import type { Shop } from './shops.js';
import type { Stage } from './stage.js';

const AT_ONCE = 8;

/** Compares what the platform and the payment provider show with what was done. */
export async function checkAccounts(
  stage: Stage,
  played: readonly PlayedOrder[],
  shops: readonly Shop[],
): Promise<void> {
  await stage.play.step(
    "The provider's books, ratings and merchants' records agree with what was done",
    async (step) => {
      await inParallel(played, AT_ONCE, async ({ planned, order }) => {
        const isCancelled = planned.ending.startsWith('CANCELLED');
        step.check(`state of ${order.number}`, order.state, isCancelled ? 'CANCELLED' : planned.ending);
        const booked = (await stage.books.of(order.id)).map(charges);
        step.check(`charges for ${order.number}`, booked, [{ captures: 1, refunds: isCancelled ? 1 : 0 }]);
      });
      step.say(`${played.length} orders: each charged once, and paid back where it was cancelled`);
      const ratings = ratingsOf(played);
      const [visitor] = shops.map(({ owner }) => owner.client);
      await inParallel([...ratings], AT_ONCE, async ([id, expected]) => {
        const look = async () => rounded((await visitor?.ask(ProductRating, { id }))?.product?.rating);
        await step.eventually(`rating of ${id}`, look, rounded(expected));
      });
      step.say(`${ratings.size} products: the rating is the mean of their stars`);
      for (const [index, { name, merchantId, owner }] of shops.entries()) {
        const look = async () =>
          roundedRecord((await owner.client.ask(MerchantRecord, { id: merchantId })).merchant?.record);
        const expected = recordOf(played.filter(({ planned }) => planned.shop === index));
        await step.eventually(`record of ${name}`, look, roundedRecord(expected));
        step.say(
          `${name}: ${expected.ordersDelivered} orders delivered, ${expected.averageStars?.toFixed(2) ?? '–'} stars`,
        );
      }
    },
  );
}

export const charges = ({ captures, refunds }: Booked) => ({ captures, refunds });

/** What the ratings must be, by product. */
export function ratingsOf(played: readonly PlayedOrder[]): Map<string, Rating> {
  const stars = new Map<string, number[]>();
  for (const { planned } of played.filter(({ planned }) => isReviewed(planned))) {
    for (const { productId } of planned.lines) {
      stars.set(productId, [...(stars.get(productId) ?? []), planned.stars ?? 0]);
    }
  }
  return new Map([...stars].map(([id, all]) => [id, { ...meanOf(all), distribution: distributionOf(all) }]));
}

/** What a merchant's record must be. */
export function recordOf(played: readonly PlayedOrder[]): ShopRecord {
  const stars = played.flatMap(({ planned }) =>
    isReviewed(planned) ? planned.lines.map(() => planned.stars ?? 0) : [],
  );
  const { average, count } = meanOf(stars);
  return {
    ordersDelivered: played.filter(({ planned }) => planned.ending === 'DELIVERED').length,
    ordersCancelledByMerchant: played.filter(({ planned }) => planned.ending === 'CANCELLED_BY_MERCHANT').length,
    reviewCount: count,
    averageStars: average,
  };
}

const meanOf = (stars: readonly number[]) => ({
  average: stars.length === 0 ? null : stars.reduce((sum, star) => sum + star, 0) / stars.length,
  count: stars.length,
});
const distributionOf = (stars: readonly number[]): number[] =>
  [1, 2, 3, 4, 5].map((star) => stars.filter((given) => given === star).length);

/** Sums of fractions may differ in their last digit. */
const round = (value: number | null): number | null => (value === null ? null : Math.round(value * 1e6) / 1e6);
const rounded = (rating: Rating | null | undefined) => rating && { ...rating, average: round(rating.average) };
const roundedRecord = (record: ShopRecord | null | undefined) =>
  record && { ...record, averageStars: round(record.averageStars) };
