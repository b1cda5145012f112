import { Compression, pack } from '../src/log/compression.js';
import { buildBatch } from '../src/log/record-batch.js';
import { encodeRecord, type LogRecord, readRecords } from '../src/log/records.js';

export interface TestRecord {
  readonly key?: string | null;
  /** null is a tombstone. */
  readonly value?: string | null;
  readonly timestamp?: number;
}

export interface TestBatchOptions {
  readonly codec?: number;
  readonly attributes?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
}

export const epochMs = Date.UTC(2026, 10, 23);

/** A batch as a producer sends it: base offset 0, times of its records, checksum. */
export function batchOfRecords(records: readonly TestRecord[], options: TestBatchOptions = {}): Buffer {
  const { codec = Compression.none, attributes = 0, producerId = -1, producerEpoch = -1, baseSequence = -1 } = options;
  const times = records.map(({ timestamp = epochMs }) => timestamp);
  const baseTimestamp = times[0] ?? epochMs;
  const header = {
    baseOffset: 0,
    lastOffset: records.length - 1,
    attributes: attributes | codec,
    baseTimestamp,
    maxTimestamp: Math.max(...times),
    producerId,
    producerEpoch,
    baseSequence,
    recordCount: records.length,
  };
  return buildBatch(header, pack(logRecords(records, baseTimestamp), codec));
}

/** A batch of records that matter by their number only. */
export const batchOfSize = (recordCount: number, options?: TestBatchOptions): Buffer =>
  batchOfRecords(
    Array.from({ length: recordCount }, (_, index) => ({ key: `k${index}`, value: `v${index}` })),
    options,
  );

function logRecords(records: readonly TestRecord[], baseTimestamp: number): LogRecord[] {
  const bytes = records.map(({ key = null, value = null, timestamp = epochMs }, offsetDelta) =>
    encodeRecord({
      offsetDelta,
      timestampDelta: timestamp - baseTimestamp,
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    }),
  );
  return readRecords(Buffer.concat(bytes), records.length);
}
