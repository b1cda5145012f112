import { describe, expect, test } from '@jest/globals';
import { FramePool } from './frame-pool.js';

describe('memory for frames', () => {
  test('is used again when it was given back, and not before', () => {
    const pool = new FramePool();
    const first = pool.take(100_000);
    const second = pool.take(100_000);
    expect(second.buffer).not.toBe(first.buffer);
    pool.giveBack(first);
    const third = pool.take(90_000);
    expect(third).toHaveLength(90_000);
    expect(third.buffer).toBe(first.buffer);
    expect(pool.take(90_000).buffer).not.toBe(first.buffer);
  });

  test('given back twice is lent once', () => {
    const pool = new FramePool();
    const frame = pool.take(100_000);
    pool.giveBack(frame);
    pool.giveBack(frame);
    expect(pool.take(100_000).buffer).not.toBe(pool.take(100_000).buffer);
  });

  test('that is not the pool’s own stays its owner’s', () => {
    const pool = new FramePool();
    const foreign = Buffer.allocUnsafeSlow(65_536);
    pool.giveBack(foreign);
    expect(pool.take(65_536).buffer).not.toBe(foreign.buffer);
  });

  test('for the largest frames is not kept, and so much is never kept as a hundred clients may have sent at once', () => {
    const pool = new FramePool();
    const large = pool.take(2_000_000);
    pool.giveBack(large);
    expect(pool.take(2_000_000).buffer).not.toBe(large.buffer);
    const frames = Array.from({ length: 100 }, () => pool.take(1_000_000));
    for (const frame of frames) pool.giveBack(frame);
    const again = new Set(Array.from({ length: 100 }, () => pool.take(1_000_000).buffer));
    expect(frames.filter(({ buffer }) => again.has(buffer))).toHaveLength(8);
  });
});
