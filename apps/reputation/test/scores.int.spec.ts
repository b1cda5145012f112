import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import {
  OrderCancelled,
  OrderDelivered,
  RatingChanged,
  ReviewPublished,
  typeIds,
  type EventOf,
  type OrderSnapshot,
} from '#contracts';
import { eventually, type SignedIn } from '#testing';
import { anOrder, ReputationWorld } from './reputation.world.js';

type OrderEnded = { contract: typeof OrderDelivered | typeof OrderCancelled; order: OrderSnapshot };

let world: ReputationWorld;
let ben: SignedIn;
let database: Connection;
beforeAll(async () => {
  world = await ReputationWorld.start();
  ben = await world.identity.signIn();
  database = await world.connect();
});
afterAll(async () => {
  await world?.stop();
});

/** The documents of a merchant's record and a product's rating, without how often they were written. */
async function stateOf(collection: string, id: string): Promise<string> {
  const document = await database.collection<{ _id: string }>(collection).findOne({ _id: id });
  const { stars, asOf, delivered, cancelledByMerchant } = { ...document } as Record<string, unknown>;
  return JSON.stringify({ stars, asOf, delivered, cancelledByMerchant });
}

describe('the rating of a product', () => {
  test('counts 40 reviews at once exactly, is published, and is the same after every event came again', async () => {
    const captured = await world.capture(ReviewPublished, RatingChanged);
    const [merchantId, productId] = [typeIds.next('merchant'), typeIds.next('product')];
    const stars = Array.from({ length: 40 }, (_, n) => (n % 5) + 1);
    const lines = stars.map(() => world.order(ben, merchantId, [productId], 'DELIVERED').lines[0]?.id ?? '');
    await Promise.all(lines.map((line, n) => world.review(ben, line, stars[n] ?? 1)));
    const expected = { average: 3, count: 40, distribution: [8, 8, 8, 8, 8], score: (24.5 + 120) / 47 };
    await eventually(async () => expect(await world.rating(productId)).toMatchObject(expected));
    const changes = await eventually(() => {
      const told = captured.of(RatingChanged).filter(({ subject }) => subject === productId);
      expect(told.at(-1)?.data).toMatchObject({ ...expected, formulaVersion: 'bayes-7-3.5' });
      return told.length;
    });

    const rating = await stateOf('ratings', productId);
    const reviews = captured.of(ReviewPublished).filter(({ data }) => data.productId === productId);
    expect(reviews).toHaveLength(40);
    for (const review of reviews.toReversed()) await world.events.repeat(ReviewPublished, review);
    await world.events.untilRead('reputation.ratings', [ReviewPublished]);
    await world.events.untilRead('reputation.records', [ReviewPublished]);
    expect(await stateOf('ratings', productId)).toBe(rating);
    expect(await world.record(merchantId)).toMatchObject({ reviewCount: 40, averageStars: 3 });

    const last = world.order(ben, merchantId, [productId], 'DELIVERED').lines[0]?.id ?? '';
    await world.review(ben, last, 5);
    await eventually(() =>
      expect(captured.of(RatingChanged).filter(({ subject }) => subject === productId)).toHaveLength(changes + 1),
    );
    expect(await world.rating(productId)).toMatchObject({ count: 41 });
  });

  test('of a product without reviews, or of no product, is the prior', async () => {
    const nothing = { average: null, count: 0, distribution: [0, 0, 0, 0, 0], score: 3.5 };
    expect(await world.rating(typeIds.next('product'))).toMatchObject(nothing);
  });
});

describe('the record of a merchant', () => {
  test('is byte-equal after its orders in any order, each delivered up to three times', async () => {
    const merchants = Array.from({ length: 6 }, () => typeIds.next('merchant'));
    const product = typeIds.next('product');
    await Promise.all(merchants.map((merchantId, run) => play(shuffled(endings(merchantId, product), run + 1))));
    await world.events.untilRead('reputation.records', [OrderDelivered]);
    for (const merchantId of merchants)
      expect(await world.record(merchantId)).toEqual({
        merchantId,
        ordersDelivered: 7,
        ordersCancelledByMerchant: 3,
        reviewCount: 0,
        averageStars: null,
      });
    const states = await Promise.all(merchants.map((merchantId) => stateOf('merchant-records', merchantId)));
    expect(new Set(states).size).toBe(1);
  });

  test('of one without any is all zeros', async () => {
    const merchantId = typeIds.next('merchant');
    expect(await world.record(merchantId)).toMatchObject({ ordersDelivered: 0, reviewCount: 0, averageStars: null });
  });
});

/** 7 delivered orders, 3 cancelled by the merchant, 2 by the buyer. */
function endings(merchantId: string, productId: string): OrderEnded[] {
  const order = (cancellationCode: OrderSnapshot['cancellationCode']): OrderSnapshot => ({
    ...anOrder(ben, merchantId, [productId]),
    cancellationCode,
  });
  return [
    ...Array.from({ length: 7 }, () => ({ contract: OrderDelivered, order: order(null) })),
    ...Array.from({ length: 3 }, () => ({ contract: OrderCancelled, order: order('MERCHANT') })),
    ...Array.from({ length: 2 }, () => ({ contract: OrderCancelled, order: order('BUYER') })),
  ];
}

async function play(orders: readonly OrderEnded[]): Promise<void> {
  const sent: { contract: OrderEnded['contract']; event: EventOf<OrderEnded['contract']> }[] = [];
  for (const [n, { contract, order }] of orders.entries()) {
    sent.push({ contract, event: await world.events.publish(contract, order, { subject: order.orderId, version: 6 }) });
    const again = sent[n % 4];
    if (again) await world.events.repeat(again.contract, again.event);
  }
}

function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  let state = seed;
  const below = (count: number): number => (state = (state * 48_271) % 2_147_483_647) % count;
  const rest = [...items];
  return items.flatMap(() => rest.splice(below(rest.length), 1));
}

test('every query is answered by an index', async () => {
  await world.queries.explainAll(database);
});
