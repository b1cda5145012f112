import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { batchOfRecords, epochMs } from '../../test/batches.js';
import { FakeClock } from '../../test/fake-clock.js';
import { TemporaryLog } from '../../test/temporary-log.js';
import { topicConfigOf } from '../log/topic-config.js';
import { retain, trim } from './retention.js';

const dayMs = 24 * 60 * 60 * 1000;

describe('retention', () => {
  let log: TemporaryLog;
  let clock: FakeClock;
  const run = async (values: Record<string, string>) => {
    const { storage, commits, partition } = log;
    const parts = { storage, commits, clock, signal: new AbortController().signal };
    await retain(parts, partition, topicConfigOf(values));
    await trim(parts, partition);
  };
  const append = (timestamp: number) =>
    log.append(batchOfRecords([{ key: 'k', value: 'v', timestamp }, { timestamp }]));
  const offsets = () => log.records().map(({ offset }) => offset);

  beforeEach(() => {
    log = new TemporaryLog();
    clock = new FakeClock(epochMs);
  });
  afterEach(() => log.remove());

  test('removes batches from the start that are older than retention.ms, up to the first that is not', async () => {
    for (const ageDays of [9, 8, 2, 9]) await append(epochMs - ageDays * dayMs);
    await run({});
    expect(log.partition.logStart).toBe(4);
    expect(offsets()).toEqual([4, 5, 6, 7]);
    expect(log.storage.logAt(1, 0)).toBeUndefined();
  });

  test('keeps everything with retention.ms=-1, and in topics that are only compacted', async () => {
    await append(0);
    await run({ 'retention.ms': '-1' });
    await run({ 'cleanup.policy': 'compact' });
    expect(offsets()).toEqual([0, 1]);
  });

  test('keeps at least retention.bytes, and no batch more than that takes', async () => {
    for (let count = 0; count < 10; count += 1) await append(epochMs);
    const batchBytes = log.partition.read(0, 1, true)[0]?.length ?? 0;
    await run({ 'retention.bytes': String(3 * batchBytes) });
    expect(offsets()).toEqual([14, 15, 16, 17, 18, 19]);
    await run({ 'retention.bytes': String(3 * batchBytes - 1) });
    expect(log.partition.logStart).toBe(14);
  });

  test('does not give an offset twice when everything was removed, also after a restart', async () => {
    await append(0);
    await run({});
    expect(log.partition.logStart).toBe(2);
    await log.restart();
    expect(log.partition).toMatchObject({ logStart: 2, highWatermark: 2 });
    await append(epochMs);
    expect(offsets()).toEqual([2, 3]);
  });
});
