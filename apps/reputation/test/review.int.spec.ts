import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  MerchantCreated,
  OrderDelivered,
  ReplyToReview,
  ReviewPublished,
  ReviewsByIds,
  ReviewsOfOrderLines,
  ReviewsOfProduct,
  typeIds,
  WriteReview,
} from '#contracts';
import { eventually, type SignedIn } from '#testing';
import { ReputationWorld } from './reputation.world.js';

let world: ReputationWorld;
let ben: SignedIn;
let merchantId: string;
let productId: string;
beforeAll(async () => {
  world = await ReputationWorld.start();
});
afterAll(async () => {
  await world?.stop();
});
beforeEach(async () => {
  ben = await world.identity.signIn();
  [merchantId, productId] = [typeIds.next('merchant'), typeIds.next('product')];
});

const delivered = (): string => world.order(ben, merchantId, [productId], 'DELIVERED').lines[0]?.id ?? '';
const write = (person: SignedIn, orderLineId: string) =>
  world.as(person, WriteReview, { orderLineId, stars: 4, text: '很亮 ✨' });

const answer = (person: SignedIn, reviewId: string) =>
  world.as(person, ReplyToReview, { reviewId, text: 'Thank you!' });

describe('writing a review', () => {
  test('is for the buyer of a delivered line', async () => {
    const line = delivered();
    const review = await write(ben, line);
    expect(review).toMatchObject({ __typename: 'Review', orderLineId: line, stars: 4, text: '很亮 ✨', reply: null });
    expect(review).toMatchObject({ productId, merchantId, authorId: ben.profileId, verifiedPurchase: true });
    expect(await world.as(null, ReviewsOfOrderLines, { orderLineIds: [line, 'line_none'] })).toHaveLength(1);
  });

  test('happens once for each line, by any number of tries at once', async () => {
    const captured = await world.capture(ReviewPublished);
    const line = delivered();
    const results = await Promise.all(Array.from({ length: 20 }, () => write(ben, line)));
    const written = results.filter(({ __typename }) => __typename === 'Review');
    const refused = results.filter(({ __typename }) => __typename === 'AlreadyReviewed');
    expect([written.length, refused.length]).toEqual([1, 19]);
    expect(refused[0]).toMatchObject({ reviewId: written[0] && 'id' in written[0] ? written[0].id : '' });
    await eventually(() =>
      expect(captured.of(ReviewPublished).filter(({ data }) => data.orderLineId === line)).toHaveLength(1),
    );
  });

  test('gives the first review again for the same client key', async () => {
    const input = { clientMutationKey: 'review', orderLineId: delivered(), stars: 5, text: 'Bright.' };
    const [one, again] = [await world.as(ben, WriteReview, input), await world.as(ben, WriteReview, input)];
    expect(one).toMatchObject({ __typename: 'Review' });
    expect(again).toEqual(one);
    expect(await world.as(ben, WriteReview, { ...input, stars: 1 })).toMatchObject({
      __typename: 'IdempotencyConflict',
    });
  });

  test('waits for the delivery', async () => {
    const order = world.order(ben, merchantId, [productId], 'SHIPPED');
    expect(await write(ben, order.lines[0]?.id ?? '')).toMatchObject({ __typename: 'NotDelivered' });
  });

  test('is refused to others, and for lines that nobody ordered', async () => {
    const line = delivered();
    const eve = await world.identity.signIn();
    for (const id of [line, typeIds.next('line'), '', "'; drop"])
      expect(await write(eve, id)).toMatchObject({ __typename: 'NotFound', type: 'OrderLine' });
    await expect(world.as(null, WriteReview, { orderLineId: line, stars: 4, text: '' })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  test('by somebody else is refused too when the delivery is known here', async () => {
    const order = world.order(ben, merchantId, [productId], 'DELIVERED');
    const line = order.lines[0]?.id ?? '';
    await world.events.publish(OrderDelivered, order, { subject: order.orderId, version: 6 });
    await world.events.untilRead('reputation.purchases', [OrderDelivered]);
    expect(await write(await world.identity.signIn(), line)).toMatchObject({ __typename: 'NotFound' });
  });

  test('takes 1 to 5 whole stars', async () => {
    const orderLineId = delivered();
    for (const stars of [0, 6, 4.5, -1])
      expect(await world.as(ben, WriteReview, { orderLineId, stars, text: '' })).toMatchObject({
        __typename: 'InvalidInput',
        fields: [{ path: ['stars'] }],
      });
  });

  test('works while the order service is down, once the delivery is known here; before, it is not refused as undelivered', async () => {
    const order = world.order(ben, merchantId, [productId], 'DELIVERED');
    const line = order.lines[0]?.id ?? '';
    world.neighbours.isDown = true;
    try {
      await expect(write(ben, line)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      await world.events.publish(OrderDelivered, order, { subject: order.orderId, version: 6 });
      expect(await eventually(() => write(ben, line))).toMatchObject({ __typename: 'Review' });
    } finally {
      world.neighbours.isDown = false;
    }
  });
});

describe('the reviews of a product', () => {
  test('are listed newest first, good and bad alike', async () => {
    const written: string[] = [];
    for (const stars of [5, 1, 3]) written.push(await world.review(ben, delivered(), stars));
    const page = await world.as(null, ReviewsOfProduct, { productId, first: 2 });
    const rest = await world.as(null, ReviewsOfProduct, { productId, first: 2, after: page.items[1]?.cursor });
    expect([page.hasNextPage, rest.hasNextPage]).toEqual([true, false]);
    expect([...page.items, ...rest.items].map(({ node }) => node.id)).toEqual(written.toReversed());
    expect(await world.as(null, ReviewsByIds, { ids: [...written, 'review_none'] })).toHaveLength(3);
  });
});

describe('answering a review', () => {
  test('is for the staff of its merchant, once', async () => {
    const reviewId = await world.review(ben, delivered(), 2, 'Dark.');
    const staff = await world.identity.signIn({ merchantIds: [merchantId] });
    expect(await answer(staff, reviewId)).toMatchObject({
      __typename: 'Review',
      stars: 2,
      text: 'Dark.',
      reply: { text: 'Thank you!' },
    });
    expect(await answer(staff, reviewId)).toMatchObject({ __typename: 'WrongState', state: 'REPLIED' });
    expect(await world.as(staff, ReplyToReview, { reviewId, text: ' ' })).toMatchObject({ __typename: 'InvalidInput' });
    expect(await answer(staff, 'review_none')).toMatchObject({ __typename: 'NotFound' });
  });

  test('is for its owner, known by the event or asked for', async () => {
    const owner = await world.identity.signIn();
    const byEvent = await world.review(ben, delivered(), 5);
    const created = { ...MerchantCreated.example, merchantId, ownerAccountId: owner.accountId };
    world.neighbours.isDown = true;
    try {
      await expect(answer(owner, byEvent)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      await world.events.publish(MerchantCreated, created, { subject: merchantId });
      expect(await eventually(() => answer(owner, byEvent))).toMatchObject({ __typename: 'Review' });
    } finally {
      world.neighbours.isDown = false;
    }
    merchantId = typeIds.next('merchant');
    const { name, handle, currency } = created;
    const view = { id: merchantId, name, handle, currency, ownerAccountId: owner.accountId };
    world.neighbours.merchants.set(merchantId, { ...view, createdAt: '2026-11-24T03:00:00.000Z' });
    const asked = await world.review(ben, delivered(), 5);
    expect(await answer(owner, asked)).toMatchObject({ __typename: 'Review' });
  });

  test("is forbidden to the buyer and to another merchant's staff", async () => {
    const reviewId = await world.review(ben, delivered(), 5);
    const others = await world.identity.signIn({ merchantIds: [typeIds.next('merchant')] });
    for (const person of [ben, others])
      await expect(answer(person, reviewId)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

test('every query is answered by an index', async () => {
  await world.queries.explainAll(await world.connect());
});
