import { compress as lz4 } from 'lz4js';
import { compress as snappy } from 'snappyjs';
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
  return buildBatch(header, packedBy(codec, logRecords(records, baseTimestamp)));
}

export function packedBy(codec: number, records: readonly LogRecord[]): Buffer {
  const { packed: plain } = pack(records, Compression.none);
  if (codec === Compression.snappy) return snappy(plain);
  if (codec === Compression.lz4) return Buffer.from(lz4(plain));
  if (codec === Compression.zstd) return zstdOf(plain);
  return pack(records, codec).packed;
}

/** A frame of zstd with one raw block: magic number, descriptor (single segment, size of 4 bytes), size, header of the block. */
function zstdOf(plain: Buffer): Buffer {
  const header = Buffer.from('28b52ffda00000000000000000', 'hex').subarray(0, 12);
  header.writeUInt32LE(plain.length, 5);
  header.writeUIntLE((plain.length << 3) | 1, 9, 3);
  return Buffer.concat([header, plain]);
}

/** A batch of records that matter by their number only. */
export const batchOfSize = (recordCount: number, options?: TestBatchOptions): Buffer =>
  batchOfRecords(
    Array.from({ length: recordCount }, (_, index) => ({ key: `k${index}`, value: `v${index}` })),
    options,
  );

export function logRecords(records: readonly TestRecord[], baseTimestamp: number): LogRecord[] {
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
