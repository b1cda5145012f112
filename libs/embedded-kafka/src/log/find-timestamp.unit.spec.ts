import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchOfRecords, epochMs } from '../../test/batches.js';
import { TemporaryLog } from '../../test/temporary-log.js';
import { Compression } from './compression.js';
import { findTimestamp } from './find-timestamp.js';

describe('offset of a time', () => {
  let log: TemporaryLog;
  beforeEach(() => {
    log = new TemporaryLog();
  });
  afterEach(() => log.remove());

  test('is that of the first record at or after it, also where times are out of order', async () => {
    const times: number[] = [];
    const time = fc.integer({ min: epochMs, max: epochMs + 100 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(time, { minLength: 1, maxLength: 5 }),
        time,
        fc.boolean(),
        async (batch, wanted, gzip) => {
          const records = batch.map((timestamp) => ({ value: 'v', timestamp }));
          await log.append(batchOfRecords(records, { codec: gzip ? Compression.gzip : Compression.none }));
          times.push(...batch);
          const offset = times.findIndex((timestamp) => timestamp >= wanted);
          const expected = offset < 0 ? null : { offset, timestamp: times[offset] };
          expect(findTimestamp(log.storage, log.partition, wanted)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});
