import { describe, expect, test } from '@jest/globals';
import { setImmediate as pause } from 'node:timers/promises';
import { inParallel } from './parallel.js';

describe('work in parallel', () => {
  test('does everything once, at most so much at a time', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await inParallel([10, 20, 30, 40, 50], 2, async (item, index) => {
      most = Math.max(most, ++running);
      await pause();
      done.push(item + index);
      running--;
    });
    expect(done.toSorted()).toEqual([10, 21, 32, 43, 54]);
    expect(most).toBe(2);
  });

  test('begins nothing more after a failure, which it throws', async () => {
    const begun: number[] = [];
    const work = inParallel([1, 2, 3, 4], 1, async (item) => {
      begun.push(item);
      if (item === 2) throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(begun).toEqual([1, 2]);
  });
});
