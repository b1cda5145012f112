import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inlineDelayMs, outageDelayMs, parkedDelayMs } from './retry-schedule.js';

const random = fc.double({ min: 0, max: 0.999, noNaN: true });

describe('retry schedule', () => {
  test('three attempts follow within 1.4 s, then the event is to be parked', () => {
    fc.assert(
      fc.property(random, (value) => {
        const delays = [1, 2, 3].map((failures) => inlineDelayMs(failures, value) ?? Infinity);
        expect(delays.reduce((sum, delay) => sum + delay)).toBeLessThanOrEqual(1_400);
        expect(inlineDelayMs(4, value)).toBeUndefined();
      }),
    );
  });

  test('a parked event waits 10 s, 1 min, 10 min, and an hour from then on, each ±20 %', () => {
    const expected = [10_000, 60_000, 600_000, 3_600_000, 3_600_000];
    fc.assert(
      fc.property(fc.nat({ max: 4 }), random, (attempts, value) => {
        const ratio = parkedDelayMs(attempts, value) / (expected[attempts] ?? 0);
        expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(0.2);
      }),
    );
  });

  test('while the database is away the waits grow to 5 s and stay there', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((attempt) => outageDelayMs(attempt, 0.5))).toEqual([
      200, 400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
  });
});
