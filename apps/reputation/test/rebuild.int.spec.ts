import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { Registry } from 'prom-client';
import {
  catalogEvents,
  MerchantCreated,
  OrderCancelled,
  OrderDelivered,
  orderEvents,
  projectionOperationsOf,
  RatingChanged,
  ReviewPublished,
  typeIds,
} from '#contracts';
import { ConsumerRunner, KafkaMessageBus, messagingMetrics, silentLogger, StateCopier, topicSpecsOf } from '#messaging';
import { ForbiddenError } from '#service-kit';
import { eventually, type CapturedEvents, type SignedIn } from '#testing';
import { anOrder, ReputationWorld } from './reputation.world.js';

const WAIT = { timeoutMs: 30_000 };
const { list, rebuild } = projectionOperationsOf('reputation');
const KEPT = ['delivered-lines', 'merchant-owners', 'order-outcomes', 'merchant-records'];

let world: ReputationWorld;
let platform: SignedIn;
let ben: SignedIn;
let database: Connection;
let bus: KafkaMessageBus;
const copiers: ConsumerRunner[] = [];

beforeAll(async () => {
  world = await ReputationWorld.start();
  platform = await world.identity.signIn({ roles: ['customer', 'platform'] });
  ben = await world.identity.signIn();
  database = await world.connect();
  const { kafkaBrokers: brokers, namespace } = world.servers;
  // The services that it learns from are not there: somebody else keeps up their states.
  bus = new KafkaMessageBus({ brokers, namespace, clientId: 'copier' });
  const [metrics, logger] = [messagingMetrics(new Registry()), silentLogger];
  for (const [service, contracts, topic] of [
    ['order', orderEvents, OrderDelivered.topic],
    ['catalog', catalogEvents, MerchantCreated.topic],
  ] as const) {
    await bus.ensureTopics(topicSpecsOf(contracts));
    const processor = new StateCopier({ service, bus, contracts, metrics, logger });
    const copier = new ConsumerRunner({ bus, topics: [topic], processor, patient: true, metrics, logger });
    copier.start();
    copiers.push(copier);
  }
});
afterAll(async () => {
  for (const copier of copiers) await copier.stop();
  await bus?.close();
  await world?.stop();
});

/** All documents, without how often they were written. */
async function documents(): Promise<Record<string, unknown[]>> {
  const found = await Promise.all(
    KEPT.map(async (name) => {
      const all = await database.collection(name).find().sort({ _id: 1 }).toArray();
      return [name, all.map((document) => ({ ...document, rev: undefined }))] as const;
    }),
  );
  return Object.fromEntries(found);
}

async function rebuildAll(): Promise<void> {
  for (const name of ['reputation.purchases', 'reputation.merchants', 'reputation.records']) {
    const begun = await world.as(platform, rebuild, { name });
    expect(begun).toMatchObject({ __typename: 'Projection', name, state: 'REBUILDING', generation: 2 });
  }
  await eventually(async () => {
    const projections = await world.as(platform, list, {});
    expect(projections.map(({ name, state, generation }) => `${name} ${state} ${generation}`)).toEqual([
      'reputation.reviews READY 1',
      'reputation.ratings READY 1',
      'reputation.purchases READY 2',
      'reputation.merchants READY 2',
      'reputation.records READY 2',
    ]);
  }, WAIT);
}

describe('the projections of the service', () => {
  test('are the same after they were made anew from the states, and what was wrong in them is gone', async () => {
    const merchants = [typeIds.next('merchant'), typeIds.next('merchant')];
    for (const merchantId of merchants) {
      const data = { ...MerchantCreated.example, merchantId, ownerAccountId: ben.accountId };
      await world.events.publish(MerchantCreated, data, { subject: merchantId });
      for (let n = 0; n < 5; n++) {
        const order = anOrder(ben, merchantId, [typeIds.next('product'), typeIds.next('product')]);
        await world.events.publish(OrderDelivered, order, { subject: order.orderId, version: 6 });
      }
      const cancelled = {
        ...anOrder(ben, merchantId, [typeIds.next('product')]),
        cancellationCode: 'MERCHANT' as const,
      };
      await world.events.publish(OrderCancelled, cancelled, { subject: cancelled.orderId, version: 4 });
    }
    const [first = ''] = merchants;
    const bought = world.order(ben, first, [typeIds.next('product')], 'DELIVERED');
    await world.events.publish(OrderDelivered, bought, { subject: bought.orderId, version: 6 });
    await world.review(ben, bought.lines[0]?.id ?? '', 4);
    await world.events.untilRead('reputation.purchases', [OrderDelivered]);
    await world.events.untilRead('reputation.merchants', [MerchantCreated]);
    await world.events.untilRead('reputation.records', [OrderDelivered, ReviewPublished]);
    const before = await documents();
    expect(before['delivered-lines']).toHaveLength(21);
    expect(await world.record(first)).toMatchObject({
      ordersDelivered: 6,
      ordersCancelledByMerchant: 1,
      reviewCount: 1,
      averageStars: 4,
    });

    await database.collection('delivered-lines').deleteMany({});
    await database.collection('order-outcomes').updateMany({}, { $set: { 'src.order': 99, outcome: 'DELIVERED' } });
    await database
      .collection('merchant-owners')
      .updateMany({}, { $set: { 'src.merchant': 99, ownerAccountId: 'none' } });
    await rebuildAll();
    await eventually(async () => expect(await documents()).toEqual(before), WAIT);
  });

  test('are listed and made anew for the platform role alone', async () => {
    await expect(world.as(ben, list, {})).rejects.toBeInstanceOf(ForbiddenError);
    await expect(world.as(ben, rebuild, { name: 'reputation.records' })).rejects.toBeInstanceOf(ForbiddenError);
  });

  test('are refused under another name, by a message that lists them', async () => {
    expect(await world.as(platform, rebuild, { name: 'reputation.scores' })).toMatchObject({
      __typename: 'NotFound',
      message: expect.stringContaining('reputation.reviews, reputation.ratings, reputation.purchases') as unknown,
    });
  });
});

describe('reviews and ratings', () => {
  const ratings = () => database.collection<{ _id: string; v: number; stars: number[] }>('ratings');
  const versionsOf = (events: CapturedEvents, productId: string) =>
    events.of(RatingChanged).flatMap(({ subject, version }) => (subject === productId ? [version] : []));

  async function remade(name: string): Promise<void> {
    const begun = await world.as(platform, rebuild, { name });
    if (begun.__typename !== 'Projection') throw new Error(begun.message);
    await eventually(async () => {
      const found = (await world.as(platform, list, {})).find((one) => one.name === name);
      expect(found).toMatchObject({ state: 'READY', generation: begun.generation, error: null });
    }, WAIT);
  }

  /** A product with a review of each of these numbers of stars. */
  async function reviewed(...stars: number[]): Promise<string> {
    const [merchantId, productId] = [typeIds.next('merchant'), typeIds.next('product')];
    for (const given of stars) {
      const bought = world.order(ben, merchantId, [productId], 'DELIVERED');
      await world.review(ben, bought.lines[0]?.id ?? '', given);
      await eventually(async () => expect((await world.rating(productId))?.count).toBe(stars.indexOf(given) + 1), WAIT);
    }
    return productId;
  }

  test('a rating that is wrong is told of as its next version; one that is right is not', async () => {
    const events = await world.capture(RatingChanged);
    const [wrong, right] = [await reviewed(5, 3), await reviewed(4)];
    await ratings().updateOne({ _id: wrong }, { $set: { stars: [9, 0, 0, 0, 0], v: 7 } });
    await remade('reputation.ratings');
    await eventually(() => expect(versionsOf(events, wrong).at(-1)).toBe(8), WAIT);
    expect(await world.rating(wrong)).toMatchObject({ count: 2, distribution: [0, 0, 1, 0, 1] });
    expect(versionsOf(events, right)).toEqual([1]);
  });

  test('a rating that is gone goes on with the version that it had', async () => {
    const events = await world.capture(RatingChanged);
    const productId = await reviewed(5, 3, 1);
    await ratings().deleteOne({ _id: productId });
    await remade('reputation.ratings');
    expect(await ratings().findOne({ _id: productId })).toMatchObject({ v: 3, stars: [1, 0, 1, 0, 1] });
    const bought = world.order(ben, typeIds.next('merchant'), [productId], 'DELIVERED');
    await world.review(ben, bought.lines[0]?.id ?? '', 2);
    await eventually(() => expect(versionsOf(events, productId)).toEqual([1, 2, 3, 4]), WAIT);
  });

  test('come back where the database was deleted, with their versions and replies', async () => {
    const events = await world.capture(RatingChanged);
    const productId = await reviewed(5, 3);
    const bare = async (name: string) => {
      const all = await database.collection(name).find().sort({ _id: 1 }).toArray();
      return all.map(({ rev: _rev, commands: _commands, outbox: _outbox, outboxAt: _at, ...rest }) => rest);
    };
    await eventually(() => expect(versionsOf(events, productId)).toEqual([1, 2]), WAIT);
    const before = [await bare('reviews'), await bare('ratings')];
    await world.restart(() => database.dropDatabase());
    expect([await bare('reviews'), await bare('ratings')]).toEqual(before);
    const bought = world.order(ben, typeIds.next('merchant'), [productId], 'DELIVERED');
    await world.review(ben, bought.lines[0]?.id ?? '', 1);
    await eventually(() => expect(versionsOf(events, productId)).toEqual([1, 2, 3]), WAIT);
    expect(await world.rating(productId)).toMatchObject({ count: 3, distribution: [1, 0, 1, 0, 1] });
  });
});
