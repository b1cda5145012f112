import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  attemptsAfter,
  attemptsWhenParked,
  inlineDelayMs,
  NO_ATTEMPTS,
  outageDelayMs,
  parkedDelayMs,
  patienceMs,
  withFailure,
} from './retry-schedule.js';

const random = fc.double({ min: 0, max: 0.999, noNaN: true });
/** What each of four attempts takes. */
const attempts = (min: number, max: number) => fc.array(fc.integer({ min, max }), { minLength: 4, maxLength: 4 });

/** The waits after the attempts that are made before it is parked or set aside, and how many of its four are left then. */
function played(tookMs: readonly number[], value: number) {
  const waits: number[] = [];
  let failures = NO_ATTEMPTS;
  for (const took of tookMs) {
    failures = withFailure(failures, took);
    const delayMs = inlineDelayMs(failures, value);
    if (delayMs === undefined) break;
    waits.push(delayMs);
    failures = { ...failures, spentMs: failures.spentMs + delayMs };
  }
  return { waits, left: 0 - attemptsWhenParked(failures), spentMs: failures.spentMs };
}

describe('retry schedule', () => {
  test('three attempts follow a quick failure after 200, 400 and 800 ms, up to a fifth less, then it is to be parked', () => {
    expect(played([0, 0, 0, 0], 0)).toEqual({ waits: [200, 400, 800], left: 0, spentMs: 1_400 });
    expect(played([9, 30, 9, 9], 0.5).waits).toEqual([180, 360, 720]);
    fc.assert(
      fc.property(attempts(0, 3_000), random, (took, value) => {
        const { waits, left } = played(took, value);
        expect(waits.length + 1 + left).toBe(4);
      }),
    );
  });

  test('no wait is negative, or longer than after a quick failure', () => {
    fc.assert(
      fc.property(attempts(0, 30_000), random, (took, value) => {
        const usual = [200, 400, 800].map((ms) => ms * (1 - 0.2 * value));
        for (const [index, ms] of played(took, value).waits.entries()) {
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(usual[index] ?? 0);
        }
      }),
    );
  });

  test('all is over within 1.4 s, or with the first attempt, where none takes longer than that', () => {
    fc.assert(
      fc.property(attempts(0, 3_000), random, (took, value) => {
        fc.pre(Math.max(...took) === took[0]);
        expect(played(took, value).spentMs).toBeLessThanOrEqual(Math.max(1_400, took[0] ?? 0));
      }),
    );
  });

  test('all four are made where they leave room for each other', () => {
    fc.assert(
      fc.property(attempts(0, 350), random, (took, value) => {
        expect(played(took, value).left).toBe(0);
      }),
    );
  });

  test('the longer attempts take, the shorter are the waits, and what takes too long is set aside with those it has left', () => {
    expect(played([100, 100, 100, 100], 0)).toMatchObject({ waits: [142, 286, 572], left: 0 });
    expect(played([340, 340, 340, 340], 0)).toMatchObject({ waits: [5, 11, 24], left: 0 });
    expect(played([360, 360, 360, 360], 0)).toMatchObject({ waits: [0, 0], left: 1 });
    expect(played([900, 1, 1, 1], 0)).toMatchObject({ waits: [], left: 3 });
  });

  test('others wait for all attempts together 1.4 s, or for one more that began by then and takes no longer than most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30_000 }), (waitedMs) => {
        expect(patienceMs(waitedMs)).toBeGreaterThanOrEqual(100);
        expect(waitedMs + patienceMs(waitedMs)).toBe(Math.max(1_400, waitedMs + 100));
      }),
    );
    expect(patienceMs(0, Infinity)).toBe(Infinity);
  });

  test('a permanent failure uses up what is left of the four tries', () => {
    expect([-4, -1, 0, 3].map((attempts) => attemptsAfter(attempts, true))).toEqual([0, 0, 1, 4]);
    expect([-4, -1, 0, 3].map((attempts) => attemptsAfter(attempts, false))).toEqual([-3, 0, 1, 4]);
  });

  test('what was set aside is tried again at once until it had its four', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3, max: -1 }), random, (left, value) => {
        expect(parkedDelayMs(left, value)).toBeLessThanOrEqual(250);
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
