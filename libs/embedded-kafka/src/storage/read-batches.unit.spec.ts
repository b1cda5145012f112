import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogEntry } from './log-entry.js';
import { readBatches } from './read-batches.js';

const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 251));

const entries = fc.array(
  fc.record({
    file: fc.constantFrom(1, 2),
    position: fc.nat(99_000),
    bytes: fc.integer({ min: 1, max: 1000 }),
  }),
  { maxLength: 30 },
);
const entryAt = (place: LogEntry['place'], baseOffset: number): LogEntry => {
  const facts = { partitionId: 1, maxTimestamp: 0, totalBytes: 0, maxTimestampSoFar: 0 };
  return { ...facts, baseOffset, lastOffset: baseOffset, place };
};

describe('reading batches', () => {
  test('gives each entry its bytes, wherever they lie', () => {
    fc.assert(
      fc.property(entries, fc.boolean(), (places, inOrder) => {
        const sorted = inOrder ? places.toSorted((one, other) => one.position - other.position) : places;
        const wanted = sorted.map(entryAt);
        const read = readBatches(wanted, ({ position, bytes }) => content.subarray(position, position + bytes));
        expect(read.map(({ entry }) => entry)).toEqual(wanted);
        for (const { entry, batch } of read) {
          const { position, bytes } = entry.place;
          expect(batch.equals(content.subarray(position, position + bytes))).toBe(true);
        }
      }),
    );
  });

  test('takes neighbours in one read, and leaves wide gaps out', () => {
    const reads: number[] = [];
    const near = [0, 700, 1400, 60_000, 60_500].map((position, index) =>
      entryAt({ file: 1, position, bytes: 500 }, index),
    );
    readBatches(near, ({ position, bytes }) => {
      reads.push(bytes);
      return content.subarray(position, position + bytes);
    });
    expect(reads).toEqual([1900, 1000]);
  });
});
