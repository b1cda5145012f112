import { describe, expect, test } from '@jest/globals';
import { FlushPace } from './flush-pace.js';
import { WriteBatch } from './write-batch.js';

const facts = { partitionId: 1, baseOffset: 0, lastOffset: 0, maxTimestamp: 0, totalBytes: 0, maxTimestampSoFar: 0 };

function batchOf(bytes: number, writes = 1): WriteBatch {
  const batch = new WriteBatch();
  for (let count = 0; count < writes; count += 1) batch.appendLog(facts, Buffer.alloc(bytes / writes));
  return batch;
}

describe('who writes', () => {
  test('small writes are made at once, large and many ones by another thread', () => {
    const pace = new FlushPace();
    expect(pace.writesAtOnce(batchOf(1_000))).toBe(true);
    expect(pace.writesAtOnce(batchOf(100_000))).toBe(true);
    expect(pace.writesAtOnce(batchOf(200_000))).toBe(false);
    expect(pace.writesAtOnce(batchOf(1_000, 100))).toBe(false);
  });

  test('a slow disk is left to another thread until it is quick again', () => {
    const pace = new FlushPace();
    const small = batchOf(1_000);
    for (let count = 0; count < 5; count += 1) pace.took(small, 20);
    expect(pace.writesAtOnce(small)).toBe(false);
    for (let count = 0; count < 20; count += 1) pace.took(small, 1);
    expect(pace.writesAtOnce(small)).toBe(true);
  });

  test('one slow write does not count, nor does a large one', () => {
    const pace = new FlushPace();
    const small = batchOf(1_000);
    pace.took(small, 10);
    for (let count = 0; count < 20; count += 1) pace.took(batchOf(1_000_000), 500);
    expect(pace.writesAtOnce(small)).toBe(true);
  });
});
