import { describe, expect, it } from '@jest/globals';
import { ReusedMemory } from './reused-memory.js';

describe('memory that is used again', () => {
  it('is given to one at a time', () => {
    const memory = new ReusedMemory();
    const first = memory.take(100);
    expect(memory.take(100).buffer).not.toBe(first.buffer);
    memory.giveBack(first.subarray(0, 100));
    expect(memory.take(100).buffer).toBe(first.buffer);
    expect(memory.take(100).buffer).not.toBe(first.buffer);
  });

  it('is as large as is asked for', () => {
    const memory = new ReusedMemory();
    memory.giveBack(memory.take(100));
    expect(memory.take(200_000).length).toBeGreaterThanOrEqual(200_000);
  });

  it('is not what others have parts of, nor what is too large to be kept', () => {
    const memory = new ReusedMemory();
    const pooled = Buffer.allocUnsafe(100);
    memory.giveBack(pooled);
    expect(memory.take(100).buffer).not.toBe(pooled.buffer);
    const large = memory.take(3_000_000);
    memory.giveBack(large);
    expect(memory.take(3_000_000).buffer).not.toBe(large.buffer);
  });
});
