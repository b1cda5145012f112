import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { produceApi } from '../src/protocol/apis/produce.js';
import { batchOfSize } from './batches.js';
import { BrokerUnderTest } from './broker-under-test.js';
import { createTopic, OwnBroker } from './own-broker.js';
import { listOffset } from './requests.js';

const partitionCount = 1_000;
const consumerCount = 100;

describe('the embedded broker under load', () => {
  let own: OwnBroker;
  let broker: BrokerUnderTest;
  beforeEach(async () => {
    own = await OwnBroker.create();
    broker = new BrokerUnderTest((await own.start()).brokers, async () => undefined);
  });
  afterEach(async () => {
    await broker.closeClients();
    await own.remove();
  });

  test('serves a thousand partitions, and knows them again after a restart', async () => {
    const client = await own.wire();
    await createTopic(client, 'wide', { partitionCount });
    const partitions = Array.from({ length: partitionCount }, (_, index) => ({ index, records: batchOfSize(2) }));
    const topics = [{ name: 'wide', partitions }];
    const answer = await client.call(produceApi, 7, { transactionalId: null, acks: -1, timeoutMs: 30_000, topics });
    expect(answer.topics[0]?.partitions.every(({ errorCode }) => errorCode === 0)).toBe(true);
    await own.stop();
    await own.start();
    const admin = await new BrokerUnderTest(own.running.brokers, async () => undefined).admin();
    const offsets = await admin.fetchTopicOffsets('wide');
    await admin.disconnect();
    expect(offsets.filter(({ high }) => high === '2')).toHaveLength(partitionCount);
  });

  test('serves a hundred consumers at once', async () => {
    const client = await own.wire();
    await createTopic(client, 't', { partitionCount: consumerCount });
    const seen = new Set<string>();
    const consumers = Array.from({ length: consumerCount }, () => {
      const times = { sessionTimeout: 30_000, heartbeatInterval: 1_000, maxWaitTimeInMs: 1_000 };
      return broker.kafka().consumer({ groupId: 'g', ...times });
    });
    broker.onEnd(async () => {
      await Promise.all(consumers.map((consumer) => consumer.disconnect()));
    });
    const run = consumers.map(async (consumer) => {
      await consumer.connect();
      await consumer.subscribe({ topic: 't', fromBeginning: true });
      await consumer.run({ eachMessage: async ({ message }) => void seen.add(`${message.value}`) });
    });
    await Promise.all(run);
    const producer = broker.kafka().producer();
    await producer.connect();
    broker.onEnd(() => producer.disconnect());
    const messages = Array.from({ length: 1_000 }, (_, index) => ({
      value: `${index}`,
      partition: index % consumerCount,
    }));
    await producer.send({ topic: 't', messages });
    await eventually(() => expect(seen.size).toBe(1_000), { timeoutMs: 45_000 });
    expect((await listOffset(client, 't', -1)).offset).toBe(10);
  });
});
