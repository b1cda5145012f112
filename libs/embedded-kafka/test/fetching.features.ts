import { expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { apiVersionsApi } from '../src/protocol/apis/api-versions.js';
import { deleteRecordsApi } from '../src/protocol/apis/delete-records.js';
import { metadataApi } from '../src/protocol/apis/metadata.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { readHeader } from '../src/log/record-batch.js';
import { batchOfRecords, batchOfSize } from './batches.js';
import type { BrokerUnderTest } from './broker-under-test.js';
import { askForMetadata, askForVersions, fetch, listOffset, produce } from './requests.js';

export function fetchingFeatures(broker: () => BrokerUnderTest): void {
  test('a fetch begins with the batch that contains the offset, and gives at least one', async () => {
    const topic = await broker().newTopic();
    const client = await broker().wire();
    for (const size of [5, 3, 4]) await produce(client, topic, batchOfSize(size));
    const { records, highWatermark, lastStableOffset } = await fetch(client, topic, 6, { maxBytes: 1 });
    expect({ highWatermark, lastStableOffset }).toEqual({ highWatermark: 12, lastStableOffset: 12 });
    expect(readHeader(records)).toMatchObject({ baseOffset: 5, lastOffset: 7, recordCount: 3 });
    const all = await fetch(client, topic, 0, { isolationLevel: 1 });
    expect(readHeader(all.records).baseOffset).toBe(0);
    expect(all.records.length).toBe([5, 3, 4].reduce((sum, size) => sum + batchOfSize(size).length, 0));
  });

  test('offsets outside of the log are OFFSET_OUT_OF_RANGE, its end is an empty answer', async () => {
    const topic = await broker().newTopic();
    const client = await broker().wire();
    await produce(client, topic, batchOfSize(2));
    expect((await fetch(client, topic, 3)).errorCode).toBe(ErrorCode.offsetOutOfRange);
    expect(await fetch(client, topic, 2)).toMatchObject({ errorCode: 0, records: Buffer.alloc(0) });
  });

  test('a long poll is answered when enough has arrived, or empty when its time is up', async () => {
    const topic = await broker().newTopic();
    const [consumer, producer] = [await broker().wire(), await broker().wire()];
    const batch = batchOfSize(3);
    // Apache Kafka may refuse the first question about a topic that is new.
    await eventually(async () => expect((await fetch(consumer, topic, 0, { maxWaitMs: 1 })).errorCode).toBe(0));
    const limits = { minBytes: batch.length + 1, maxWaitMs: 30_000 };
    const poll = fetch(consumer, topic, 0, limits);
    await produce(producer, topic, Buffer.from(batch));
    const isAnswered = await Promise.race([poll.then(() => true), listOffset(producer, topic, -1).then(() => false)]);
    expect(isAnswered).toBe(false);
    await produce(producer, topic, Buffer.from(batch));
    const { errorCode, records } = await poll;
    expect([errorCode, records.length]).toEqual([0, 2 * batch.length]);
    expect((await fetch(consumer, topic, 6, { maxWaitMs: 50 })).records).toHaveLength(0);
  });

  test('answers come in the order of the requests, also behind a long poll', async () => {
    const topic = await broker().newTopic();
    const client = await broker().wire();
    const before = client.arrived.length;
    const poll = fetch(client, topic, 0, { maxWaitMs: 300 });
    const others = [1, 2, 3].map(() => client.call(metadataApi, 1, askForMetadata(topic)));
    await Promise.all([poll, ...others]);
    const order = client.arrived.slice(before);
    expect(order).toEqual(order.toSorted((one, other) => one - other));
  });

  test('offsets are found by time, and at both ends', async () => {
    const topic = await broker().newTopic();
    const client = await broker().wire();
    const start = Date.now() - 10_000;
    await produce(client, topic, batchOfRecords([1, 2, 3].map((at) => ({ value: 'v', timestamp: start + at * 1000 }))));
    await produce(client, topic, batchOfRecords([4, 5].map((at) => ({ value: 'v', timestamp: start + at * 1000 }))));
    const offsetAt = async (timestamp: number) => (await listOffset(client, topic, timestamp)).offset;
    expect(await offsetAt(-2)).toBe(0);
    expect(await offsetAt(-1)).toBe(5);
    expect(await offsetAt(start)).toBe(0);
    expect(await offsetAt(start + 2001)).toBe(2);
    expect(await offsetAt(start + 4000)).toBe(3);
    expect(await offsetAt(start + 9000)).toBe(-1);
  });

  test('records of a topic that is compacted only are not deleted', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic(1, [{ name: 'cleanup.policy', value: 'compact' }]);
    const topics = [{ name: topic, partitions: [{ index: 0, offset: 0 }] }];
    const answer = await client.call(deleteRecordsApi, 2, { topics, timeoutMs: 10_000 });
    expect(answer.topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.policyViolation);
  });

  test('deleting records moves the log’s start', async () => {
    const topic = await broker().newTopic();
    const client = await broker().wire();
    for (let count = 0; count < 3; count += 1) await produce(client, topic, batchOfSize(4));
    const deleteTo = async (offset: number) => {
      const topics = [{ name: topic, partitions: [{ index: 0, offset }] }];
      return (await client.call(deleteRecordsApi, 1, { topics, timeoutMs: 10_000 })).topics[0]?.partitions[0];
    };
    expect(await deleteTo(6)).toMatchObject({ errorCode: 0, lowWatermark: 6 });
    expect((await listOffset(client, topic, -2)).offset).toBe(6);
    expect((await fetch(client, topic, 5)).errorCode).toBe(ErrorCode.offsetOutOfRange);
    expect((await fetch(client, topic, 6)).logStartOffset).toBe(6);
    expect(await deleteTo(13)).toMatchObject({ errorCode: ErrorCode.offsetOutOfRange });
    expect(await deleteTo(-1)).toMatchObject({ errorCode: 0, lowWatermark: 12 });
    expect(await produce(client, topic, batchOfSize(1))).toEqual({ errorCode: 0, baseOffset: 12 });
  });

  test('an ApiVersions request of an unknown version is answered in the form of version 0, with error 35', async () => {
    const client = await broker().wire();
    // Later versions have tagged fields in the header; none are given.
    const answer = await client.callRaw(apiVersionsApi.key, 99, Buffer.from([0]));
    const { errorCode, apiKeys } = apiVersionsApi.response.read(answer, 0);
    expect(errorCode).toBe(ErrorCode.unsupportedVersion);
    expect(apiKeys.find(({ apiKey }) => apiKey === apiVersionsApi.key)).toMatchObject({ minVersion: 0 });
  });

  test('a frame beyond all limits ends the connection, and nothing else', async () => {
    const [rude, polite] = [await broker().wire(), await broker().wire()];
    rude.write(Buffer.from([0x7f, 0xff, 0xff, 0xff]));
    await rude.closed;
    expect((await polite.call(apiVersionsApi, 2, askForVersions)).errorCode).toBe(ErrorCode.none);
  });
}
