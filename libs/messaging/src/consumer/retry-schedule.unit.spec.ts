import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inlineDelayMs, NO_ATTEMPTS, outageDelayMs, parkedDelayMs, withFailure } from './retry-schedule.js';

const random = fc.double({ min: 0, max: 0.999, noNaN: true });
/** What each of four attempts takes. */
const attempts = (min: number, max: number) => fc.array(fc.integer({ min, max }), { minLength: 4, maxLength: 4 });
const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);

/** The waits after the first three attempts. */
function waitsOf(tookMs: readonly number[], value: number): number[] {
  let failures = NO_ATTEMPTS;
  return tookMs.slice(0, 3).map((took) => {
    failures = withFailure(failures, took);
    const delayMs = inlineDelayMs(failures, value) ?? Infinity;
    failures = { ...failures, spentMs: failures.spentMs + delayMs };
    return delayMs;
  });
}

describe('retry schedule', () => {
  test('three attempts follow a quick failure after 200, 400 and 800 ms, up to a fifth less, then it is to be parked', () => {
    expect(waitsOf([0, 0, 0], 0)).toEqual([200, 400, 800]);
    expect(waitsOf([9, 30, 9], 0.5)).toEqual([180, 360, 720]);
    fc.assert(
      fc.property(attempts(0, 3_000), random, (took, value) => {
        expect(inlineDelayMs([...took, 0].reduce(withFailure, NO_ATTEMPTS), value)).toBeUndefined();
      }),
    );
  });

  test('no wait is negative, or longer than after a quick failure', () => {
    fc.assert(
      fc.property(attempts(0, 30_000), random, (took, value) => {
        const usual = [200, 400, 800].map((ms) => ms * (1 - 0.2 * value));
        for (const [index, ms] of waitsOf(took, value).entries()) {
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(usual[index] ?? 0);
        }
      }),
    );
  });

  test('all is over within 1.4 s where attempts leave room, and none takes longer than the first', () => {
    fc.assert(
      fc.property(attempts(0, 1_400), random, (took, value) => {
        fc.pre(sum(took) <= 1_400 && Math.max(...took) === took[0]);
        expect(sum(took) + sum(waitsOf(took, value))).toBeLessThanOrEqual(1_400);
      }),
    );
  });

  test('attempts that leave no room follow each other at once', () => {
    expect(waitsOf([100, 100, 100], 0)).toEqual([142, 286, 572]);
    expect(waitsOf([340, 340, 340], 0)).toEqual([5, 11, 24]);
    expect(waitsOf([360, 360, 360], 0)).toEqual([0, 0, 0]);
  });

  test('the last attempt begins within 1.4 s, or follows the one before at once', () => {
    fc.assert(
      fc.property(attempts(0, 1_400), random, (took, value) => {
        const waits = waitsOf(took, value);
        const isInTime = sum(took.slice(0, 3)) + sum(waits) <= 1_400;
        expect(isInTime || waits.at(-1) === 0).toBe(true);
      }),
    );
  });

  test('after an attempt that took longer than all may take, the waits are the usual ones', () => {
    expect(waitsOf([5_000, 1, 1], 0)).toEqual([200, 400, 800]);
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
