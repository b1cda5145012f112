import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchOfSize } from '../../test/batches.js';
import { TemporaryLog } from '../../test/temporary-log.js';
import { StorageError } from '../errors.js';
import type { DurableStore } from '../storage/storage.js';
import { readHeader } from './record-batch.js';

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 25 });

describe('partition', () => {
  let log: TemporaryLog;
  afterEach(() => log.remove());

  test('gives offsets without gaps, and finds the batch that contains an offset; also after a restart', async () => {
    log = new TemporaryLog();
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (counts, seed) => {
        const start = log.partition.highWatermark;
        const outcomes = await Promise.all(counts.map((count) => log.append(batchOfSize(count))));
        const total = counts.reduce((sum, count) => sum + count, 0);
        let expected = start;
        for (const [index, count] of counts.entries()) {
          expect(outcomes[index]).toEqual({ kind: 'appended', baseOffset: expected });
          expected += count;
        }
        await log.restart();
        expect(log.partition.highWatermark).toBe(start + total);
        const wanted = start + (seed % total);
        const [first] = log.partition.read(wanted, 1, true);
        if (first === undefined) throw new Error('nothing is read');
        expect(readHeader(first).baseOffset).toBeLessThanOrEqual(wanted);
        expect(readHeader(first).lastOffset).toBeGreaterThanOrEqual(wanted);
      }),
      { numRuns: 25 },
    );
  });

  test('reads no more than it is asked for, but one batch where there would be nothing', async () => {
    log = new TemporaryLog();
    const batches = [batchOfSize(5), batchOfSize(5), batchOfSize(5)];
    for (const batch of batches) await log.append(batch);
    const size = batches[0]?.length ?? 0;
    expect(log.partition.read(0, size * 2, false)).toHaveLength(2);
    expect(log.partition.read(0, size - 1, false)).toHaveLength(0);
    expect(log.partition.read(0, size - 1, true)).toHaveLength(1);
    expect(log.partition.read(15, size, true)).toHaveLength(0);
  });

  test('remembers idempotent producers over a restart', async () => {
    log = new TemporaryLog();
    const batch = () => batchOfSize(2, { producerId: 9, producerEpoch: 0, baseSequence: 0 });
    expect(await log.append(batch())).toEqual({ kind: 'appended', baseOffset: 0 });
    await log.restart();
    expect(await log.append(batch())).toMatchObject({ kind: 'duplicate', baseOffset: 0 });
    expect(log.partition.highWatermark).toBe(2);
  });

  test('shows nothing that the disk has refused, and gives its offsets and sequences to the next', async () => {
    let isFull = false;
    log = new TemporaryLog((store): DurableStore => ({
      commit: (writes) => (isFull ? Promise.reject(new StorageError('full')) : store.commit(writes)),
    }));
    const batch = (baseSequence: number) => batchOfSize(2, { producerId: 9, producerEpoch: 0, baseSequence });
    await log.append(batch(0));
    isFull = true;
    const refused = await Promise.allSettled([log.append(batch(2)), log.append(batchOfSize(3)), log.append(batch(4))]);
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(log.partition.highWatermark).toBe(2);
    isFull = false;
    expect(await log.append(batch(2))).toEqual({ kind: 'appended', baseOffset: 2 });
    expect(log.records().map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
  });
});
