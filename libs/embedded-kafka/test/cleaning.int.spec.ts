import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { deleteTopicsApi } from '../src/protocol/apis/delete-topics.js';
import { readHeader } from '../src/log/record-batch.js';
import { batchOfRecords, batchOfSize } from './batches.js';
import { createTopic, OwnBroker } from './own-broker.js';
import { fetch, listOffset, produce } from './requests.js';

const patience = { timeoutMs: 30_000 };

describe('cleaning of the embedded broker', () => {
  let broker: OwnBroker;
  beforeEach(async () => {
    broker = await OwnBroker.create();
    await broker.start({ cleanIntervalMs: 50 });
  });
  afterEach(() => broker.remove());

  test('old messages go, young ones stay', async () => {
    const client = await broker.wire();
    await createTopic(client, 't', { configs: { 'retention.ms': '3600000' } });
    await produce(client, 't', batchOfRecords([{ value: 'old', timestamp: Date.now() - 3_700_000 }]));
    await produce(client, 't', batchOfRecords([{ value: 'young', timestamp: Date.now() }]));
    await eventually(async () => expect((await listOffset(client, 't', -2)).offset).toBe(1), patience);
    expect((await fetch(client, 't', 1)).records.includes('young')).toBe(true);
  });

  test('a log that is too large loses its oldest part', async () => {
    const client = await broker.wire();
    await createTopic(client, 't', { configs: { 'retention.bytes': '10000' } });
    for (let count = 0; count < 30; count += 1)
      await produce(client, 't', batchOfRecords([{ value: 'x'.repeat(1000) }]));
    await eventually(async () => expect((await listOffset(client, 't', -2)).offset).toBe(20), patience);
  });

  test('a compacted topic keeps the last value of each key, and consumers read past the gaps', async () => {
    const client = await broker.wire();
    const configs = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0' };
    await createTopic(client, 't', { configs });
    for (let count = 0; count < 20; count += 1) {
      await produce(client, 't', batchOfRecords([{ key: `k${count % 2}`, value: `v${count}` }]));
    }
    await eventually(async () => {
      const { records } = await fetch(client, 't', 0);
      expect(readHeader(records).baseOffset).toBe(18);
      expect(records.includes('v18') && records.includes('v19')).toBe(true);
    }, patience);
    expect((await listOffset(client, 't', -1)).offset).toBe(20);
  });

  test('a topic that is created again after its deletion is empty', async () => {
    const client = await broker.wire();
    for (let time = 0; time < 3; time += 1) {
      await createTopic(client, 't');
      expect(await produce(client, 't', batchOfSize(5))).toEqual({ errorCode: 0, baseOffset: 0 });
      await client.call(deleteTopicsApi, 1, { topics: [], names: ['t'], timeoutMs: 10_000 });
    }
  });
});
