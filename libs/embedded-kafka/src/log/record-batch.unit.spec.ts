import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchOfRecords, batchOfSize, epochMs } from '../../test/batches.js';
import { Compression, recordsOf } from './compression.js';
import { problemOf, readHeader, sealBatch, stampAppendTime, stampPosition, timestampTypeBit } from './record-batch.js';
import { MalformedRecordsError, readRecords } from './records.js';

const records = fc.array(
  fc.record({
    key: fc.option(fc.string()),
    value: fc.option(fc.string()),
    timestamp: fc.integer({ min: epochMs - 1e6, max: epochMs + 1e6 }),
  }),
  { minLength: 1, maxLength: 20 },
);

describe('record batch', () => {
  test('holds what was put in, plain and gzipped', () => {
    fc.assert(
      fc.property(records, fc.constantFrom(Compression.none, Compression.gzip), (given, codec) => {
        const batch = batchOfRecords(given, { codec });
        expect(problemOf(batch)).toBeNull();
        const header = readHeader(batch);
        const read = recordsOf(batch, header).map(({ key, isTombstone, timestampDelta }) => ({
          key: key?.toString() ?? null,
          isTombstone,
          timestamp: header.baseTimestamp + timestampDelta,
        }));
        const expected = given.map(({ key, value, timestamp }) => ({ key, isTombstone: value === null, timestamp }));
        expect(read).toEqual(expected);
      }),
    );
  });

  test('is refused when any bit behind the checksum is flipped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), fc.nat(7), (count, position, bit) => {
        const batch = batchOfSize(count);
        const at = 17 + (position % (batch.length - 17));
        batch.writeUInt8(batch.readUInt8(at) ^ (1 << bit), at);
        expect(problemOf(batch)).toBe('corrupt');
      }),
    );
  });

  test('stays intact when the broker gives it its place, and when it gives it its time', () => {
    const batch = batchOfSize(3);
    stampPosition(batch, 7_000_000_000, 0);
    expect(problemOf(batch)).toBeNull();
    expect(readHeader(batch)).toMatchObject({ baseOffset: 7_000_000_000, lastOffset: 7_000_000_002 });
    stampAppendTime(batch, epochMs + 5);
    expect(problemOf(batch)).toBeNull();
    expect(readHeader(batch).maxTimestamp).toBe(epochMs + 5);
    expect(readHeader(batch).attributes & timestampTypeBit).not.toBe(0);
  });

  test('has problems that are told apart: another format, several batches, a short one', () => {
    const old = batchOfSize(1);
    old.writeInt8(1, 16);
    expect(problemOf(old)).toBe('format');
    expect(problemOf(Buffer.alloc(0))).toBe('format');
    expect(problemOf(Buffer.concat([batchOfSize(1), batchOfSize(1)]))).toBe('several');
    expect(problemOf(batchOfSize(2).subarray(0, -1))).toBe('corrupt');
    const miscounted = batchOfSize(2);
    miscounted.writeInt32BE(3, 57);
    sealBatch(miscounted);
    expect(problemOf(miscounted)).toBe('format');
  });

  test('throws on records that are not packed as it says', () => {
    for (const attributes of [Compression.gzip, Compression.snappy, Compression.lz4, Compression.zstd, 7]) {
      const batch = batchOfRecords([{ key: 'k', value: 'v' }], { attributes });
      expect(() => recordsOf(batch, readHeader(batch))).toThrow();
    }
  });

  test('with records of random bytes is read or refused, and never runs away', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (noise, count) => {
        try {
          readRecords(Buffer.from(noise), count);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedRecordsError);
        }
      }),
    );
  });
});
