import { expect, test } from '@jest/globals';
import { CompressionTypes } from 'kafkajs';
import { initProducerIdApi } from '../src/protocol/apis/init-producer-id.js';
import { metadataApi } from '../src/protocol/apis/metadata.js';
import { produceApi } from '../src/protocol/apis/produce.js';
import { readHeader } from '../src/log/record-batch.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { eventually } from '#testing';
import { batchOfRecords, batchOfSize } from './batches.js';
import type { BrokerUnderTest } from './broker-under-test.js';
import { askForMetadata, askForProducerId, fetch, listOffset, produce, produceRequest } from './requests.js';

const latest = -1;

export function producingFeatures(broker: () => BrokerUnderTest): void {
  test('a producer learns the offsets; a gzipped batch counts like any other', async () => {
    const topic = await broker().newTopic();
    const producer = broker().kafka().producer();
    await producer.connect();
    broker().onEnd(() => producer.disconnect());
    const messages = Array.from({ length: 50 }, (_, index) => ({ value: `v${index}` }));
    const [first] = await producer.send({ topic, messages });
    const [second] = await producer.send({ topic, messages, compression: CompressionTypes.GZIP });
    const [third] = await producer.send({ topic, messages, acks: 1 });
    expect([first, second, third].map((answer) => answer?.baseOffset)).toEqual(['0', '50', '100']);
  });

  test('an idempotent producer’s repetition is appended once, and a gap in its sequence is refused', async () => {
    const topic = await broker().newTopic();
    const client = await broker().wire();
    const { producerId, producerEpoch } = await eventually(async () => {
      const answer = await client.call(initProducerIdApi, 1, askForProducerId);
      // A Kafka that has just started is loading its coordinator.
      expect(answer.errorCode).toBe(ErrorCode.none);
      return answer;
    });
    const batch = (baseSequence: number) => batchOfSize(3, { producerId, producerEpoch, baseSequence });
    expect(await produce(client, topic, batch(0))).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await produce(client, topic, batch(3))).toEqual({ errorCode: 0, baseOffset: 3 });
    expect(await produce(client, topic, batch(0))).toMatchObject({ errorCode: 0 });
    expect(await produce(client, topic, batch(3))).toEqual({ errorCode: 0, baseOffset: 3 });
    const repeated = await client.call(produceApi, 7, produceRequest(topic, batch(3), -1));
    expect(repeated.topics[0]?.partitions[0]?.logAppendTimeMs).toBe(readHeader(batch(3)).maxTimestamp);
    expect(await produce(client, topic, batch(9))).toMatchObject({ errorCode: ErrorCode.outOfOrderSequence });
    expect(await listOffset(client, topic, latest)).toEqual({ errorCode: 0, offset: 6 });
  });

  test('idempotent producers of kafkajs work, each with an id of its own', async () => {
    const topic = await broker().newTopic(2);
    for (const value of ['a', 'b']) {
      const producer = broker().kafka().producer({ idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      broker().onEnd(() => producer.disconnect());
      for (let round = 0; round < 5; round += 1) {
        await producer.send({
          topic,
          messages: [
            { value, partition: 0 },
            { value, partition: 1 },
          ],
        });
      }
    }
    const offsets = await (await broker().admin()).fetchTopicOffsets(topic);
    expect(offsets.map(({ high }) => high)).toEqual(['10', '10']);
  });

  test('a batch with a wrong checksum, of an old format, or beside another one is refused', async () => {
    const topic = await broker().newTopic();
    const client = await broker().wire();
    const broken = batchOfSize(2);
    broken.writeUInt8(broken.readUInt8(broken.length - 1) ^ 1, broken.length - 1);
    expect((await produce(client, topic, broken)).errorCode).toBe(ErrorCode.corruptMessage);
    const old = batchOfSize(2);
    old.writeInt8(1, 16);
    expect((await produce(client, topic, old)).errorCode).toBe(ErrorCode.invalidRecord);
    const two = Buffer.concat([batchOfSize(1), batchOfSize(1)]);
    expect((await produce(client, topic, two)).errorCode).toBe(ErrorCode.invalidRecord);
    expect((await produce(client, topic, batchOfSize(1), { acks: 5 })).errorCode).toBe(ErrorCode.invalidRequiredAcks);
    expect(await listOffset(client, topic, latest)).toEqual({ errorCode: 0, offset: 0 });
  });

  test('large requests that come at once, in many pieces, keep their records apart', async () => {
    const attributesAt = 21;
    const lanes = await Promise.all(
      ['a', 'b'].map(async (name) => ({ name, topic: await broker().newTopic(), client: await broker().wire() })),
    );
    const valueOf = (name: string, number: number) => `${name}${number}`.padEnd(70_000 + number * 9_000, name);
    const batches = (name: string) =>
      Array.from({ length: 12 }, (_, number) => batchOfRecords([{ value: valueOf(name, number) }]));
    for (let round = 0; round < 2; round += 1) {
      const sent = lanes.flatMap(({ name, topic, client }) =>
        batches(name).map((batch) => produce(client, topic, batch)),
      );
      expect((await Promise.all(sent)).map(({ errorCode }) => errorCode)).toEqual(sent.map(() => 0));
    }
    for (const { name, topic, client } of lanes) {
      for (const [offset, batch] of [...batches(name), ...batches(name)].entries()) {
        const { records } = await fetch(client, topic, offset, { maxBytes: 1 });
        expect(records.subarray(attributesAt).equals(batch.subarray(attributesAt))).toBe(true);
      }
    }
  });

  test('a message of a megabyte is taken, one above the limit is MESSAGE_TOO_LARGE, and the connection lives', async () => {
    const topic = await broker().newTopic();
    const client = await broker().wire();
    const emptyBytes = batchOfRecords([{ value: 'x'.repeat(1_000_000) }]).length - 1_000_000;
    const batchOfBytes = (bytes: number) => batchOfRecords([{ value: 'x'.repeat(bytes - emptyBytes) }]);
    expect(await produce(client, topic, batchOfBytes(1_048_588))).toEqual({ errorCode: 0, baseOffset: 0 });
    expect((await produce(client, topic, batchOfBytes(1_048_589))).errorCode).toBe(ErrorCode.messageTooLarge);
    expect(await produce(client, topic, batchOfSize(1))).toEqual({ errorCode: 0, baseOffset: 1 });
  });

  test('max.message.bytes of a topic is its own limit', async () => {
    const topic = await broker().newTopic(1, [{ name: 'max.message.bytes', value: '2000' }]);
    const client = await broker().wire();
    const large = batchOfRecords([{ value: 'x'.repeat(2000) }]);
    expect((await produce(client, topic, large)).errorCode).toBe(ErrorCode.messageTooLarge);
    expect((await produce(client, topic, batchOfSize(1))).errorCode).toBe(ErrorCode.none);
  });

  test('with acks=0 there is no answer, and the messages are there', async () => {
    const topic = await broker().newTopic();
    const client = await broker().wire();
    client.tell(produceApi, 7, produceRequest(topic, batchOfSize(2), 0));
    client.tell(produceApi, 7, produceRequest(topic, batchOfSize(2), 0));
    await eventually(async () => expect((await listOffset(client, topic, latest)).offset).toBe(4));
    expect(client.arrived).not.toContain(1);
    expect(client.arrived).not.toContain(2);
  });

  test('a topic that does not exist is not created, whatever is asked of it', async () => {
    const client = await broker().wire();
    const topic = broker().name();
    const unknown = { errorCode: ErrorCode.unknownTopicOrPartition };
    expect(await produce(client, topic, batchOfSize(1))).toMatchObject(unknown);
    for (let time = 0; time < 2; time += 1) {
      const { topics } = await client.call(metadataApi, 4, askForMetadata(topic, true));
      expect(topics).toMatchObject([unknown]);
    }
    expect(await listOffset(client, topic, latest)).toMatchObject(unknown);
  });

  test('a compacted topic refuses messages without a key', async () => {
    const topic = await broker().newTopic(1, [{ name: 'cleanup.policy', value: 'compact' }]);
    const client = await broker().wire();
    const keyless = batchOfRecords([{ key: 'a', value: '1' }, { value: '2' }]);
    expect((await produce(client, topic, keyless)).errorCode).toBe(ErrorCode.invalidRecord);
    const { topics } = await client.call(produceApi, 8, produceRequest(topic, keyless, -1));
    expect(topics[0]?.partitions[0]).toMatchObject({
      errorCode: ErrorCode.invalidRecord,
      baseOffset: -1,
      logStartOffset: 0,
      recordErrors: [{ index: 1, message: expect.any(String) }],
      errorMessage: expect.any(String),
    });
    expect((await produce(client, topic, batchOfSize(2))).errorCode).toBe(ErrorCode.none);
  });
}
