import { z } from 'zod';
import { histories, type Check, type Recording } from './recording.js';
import { reviewsTold } from './reviews.js';

const NEAR = 1e-9;

const Ended = z.object({ merchantId: z.string().default(''), cancellationCode: z.string().nullish() });

interface Ends {
  readonly delivered: number;
  readonly cancelled: number;
}

/** How many of a merchant's orders reached their buyers, and how many it cancelled itself. */
function endsOf(recording: Recording, merchantId: string): Ends {
  const ends = [...histories(recording, 'order.order.v1').values()].flatMap((history) =>
    history.flatMap(({ type, value }) => {
      const { merchantId: of, cancellationCode } = Ended.parse(JSON.parse(value));
      return of === merchantId ? [{ type, cancellationCode }] : [];
    }),
  );
  return {
    delivered: ends.filter(({ type }) => type === 'order.delivered').length,
    cancelled: ends.filter(
      ({ type, cancellationCode }) => type === 'order.cancelled' && cancellationCode === 'MERCHANT',
    ).length,
  };
}

/** What a merchant has shown so far is what its orders and the reviews of its products add up to. */
export const checkMerchants: Check = (recording) => {
  const reviews = reviewsTold(recording);
  return recording.shown.merchants.flatMap((shown) => {
    const { merchantId } = shown;
    const { delivered, cancelled } = endsOf(recording, merchantId);
    const stars = reviews.flatMap((review) => (review.merchantId === merchantId ? [review.stars] : []));
    const mean = stars.length === 0 ? null : stars.reduce((all, one) => all + one, 0) / stars.length;
    const figures = [
      ['orders delivered', shown.ordersDelivered, delivered],
      ['orders that it cancelled', shown.ordersCancelledByMerchant, cancelled],
      ['reviews', shown.reviewCount, stars.length],
      ['stars on average', shown.averageStars, mean],
    ] as const;
    return figures.flatMap(([what, is, due]) =>
      is === due || Math.abs((is ?? Infinity) - (due ?? Infinity)) < NEAR
        ? []
        : [`${merchantId} shows ${is} ${what}, its events give ${due}`],
    );
  });
};
