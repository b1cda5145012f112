import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchOfRecords, epochMs, type TestRecord } from '../../test/batches.js';
import { FakeClock } from '../../test/fake-clock.js';
import { TemporaryLog } from '../../test/temporary-log.js';
import { Compression } from '../log/compression.js';
import { problemOf, readHeader } from '../log/record-batch.js';
import { topicConfigOf } from '../log/topic-config.js';
import { compact } from './compaction.js';

const config = topicConfigOf({
  'cleanup.policy': 'compact',
  'min.cleanable.dirty.ratio': '0',
  'delete.retention.ms': '1000',
});

describe('compaction', () => {
  let log: TemporaryLog;
  let clock: FakeClock;
  const run = (settings = config) => {
    const { storage, commits, partition } = log;
    return compact({ storage, commits, clock, signal: new AbortController().signal }, partition, settings);
  };
  const append = (records: readonly TestRecord[], codec: number = Compression.none) =>
    log.append(batchOfRecords(records, { codec }));
  const seen = () => log.records().map(({ offset, key, isTombstone }) => `${offset} ${key}${isTombstone ? ' -' : ''}`);

  beforeEach(() => {
    log = new TemporaryLog();
    clock = new FakeClock(epochMs);
  });
  afterEach(() => log.remove());

  test('keeps the last record of each key at its offset, whatever was appended, and more after every pass', async () => {
    const record = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.string() });
    const batch = fc.array(record, { minLength: 1, maxLength: 6 });
    const codec = fc.constantFrom(...Object.values(Compression));
    const history: string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 6 }), codec, async (batches, packing) => {
        for (const records of batches) {
          await append(records, packing);
          history.push(...records.map(({ key }) => key));
        }
        await run();
        const last = new Map(history.map((key, offset) => [key, offset]));
        const expected = [...last].toSorted(([, one], [, other]) => one - other);
        expect(log.records().map(({ key, offset }) => [key, offset])).toEqual(expected);
        expect(log.partition.highWatermark).toBe(history.length);
        for (const one of log.partition.read(0, 1e9, true)) expect(problemOf(one)).not.toBe('corrupt');
      }),
      { numRuns: 60 },
    );
  });

  test('keeps tombstones until everybody had delete.retention.ms to read them', async () => {
    await append([
      { key: 'a', value: '1' },
      { key: 'b', value: '1' },
    ]);
    await append([{ key: 'a', value: null, timestamp: epochMs - 1e9 }]);
    await run();
    expect(seen()).toEqual(['1 b', '2 a -']);
    clock.advance(999);
    await run();
    expect(seen()).toEqual(['1 b', '2 a -']);
    clock.advance(1);
    await run();
    expect(seen()).toEqual(['1 b']);
    await log.restart();
    expect(log.partition.highWatermark).toBe(3);
    await append([{ key: 'c', value: '1' }]);
    expect(seen()).toEqual(['1 b', '3 c']);
  });

  test('does not give an offset twice when it is cut off after it removed the last batch', async () => {
    await append([{ key: 'a', value: '1' }]);
    await append([{ key: 'a', value: null }]);
    await run();
    clock.advance(1_000);
    const { storage, partition, commits } = log;
    const stop = new AbortController();
    const submit: typeof commits.submit = (prepare) => {
      const written = commits.submit(prepare);
      stop.abort();
      return written;
    };
    const interrupted = compact({ storage, commits: { submit }, clock, signal: stop.signal }, partition, config);
    await expect(interrupted).rejects.toThrow('aborted');
    expect(seen()).toEqual([]);
    await log.restart();
    await append([{ key: 'b', value: '1' }]);
    expect(seen()).toEqual(['2 b']);
  });

  test('leaves batches alone that are broken', async () => {
    await append([{ key: 'a', value: '1' }]);
    await log.append(batchOfRecords([{ key: 'a', value: '2' }], { attributes: Compression.zstd }));
    await append([{ key: 'a', value: '3' }]);
    await run();
    const left = log.partition.read(0, 1e9, true);
    expect(left.map((batch) => readHeader(batch).baseOffset)).toEqual([1, 2]);
  });

  test('takes records whose time is to come, as a producer’s clock or its own may be wrong', async () => {
    await append([{ key: 'a', value: '1', timestamp: epochMs + 3_600_000 }]);
    await append([{ key: 'a', value: '2' }]);
    await run();
    expect(seen()).toEqual(['1 a']);
  });

  test('waits until enough is dirty, and leaves what is younger than min.compaction.lag.ms', async () => {
    const lazy = { ...config, minCleanableDirtyRatio: 0.5 };
    await append([
      { key: 'a', value: '1' },
      { key: 'b', value: '1' },
      { key: 'c', value: '1' },
    ]);
    await run(lazy);
    await append([{ key: 'a', value: '2' }]);
    await run({ ...config, minCompactionLagMs: 1 });
    expect(seen()).toEqual(['0 a', '1 b', '2 c', '3 a']);
    clock.advance(1);
    await run({ ...lazy, minCleanableDirtyRatio: 0.9 });
    expect(seen()).toHaveLength(4);
    await run({ ...config, minCompactionLagMs: 1 });
    expect(seen()).toEqual(['1 b', '2 c', '3 a']);
  });
});
