import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HeldAggregates, heldForMs } from './held-aggregates.js';

describe('held aggregates', () => {
  test('are left alone for a minute, then for twice as long each time, up to ten', () => {
    expect([1, 2, 3, 4, 5, 90].map(heldForMs)).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  });

  test('one that is tried when its time comes, and fails, is tried ever more seldom; one that does not is forgotten', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 60_000 }), (failures, lateMs) => {
        const held = new HeldAggregates();
        let nowMs = 0;
        for (let times = 1; times <= failures; times++) {
          held.hold('counters|a', nowMs);
          expect(held.has('counters|a', nowMs + heldForMs(times) - 1)).toBe(true);
          nowMs += heldForMs(times);
          expect(held.has('counters|a', nowMs)).toBe(false);
          nowMs += lateMs;
          held.forgetTried(nowMs);
          expect(held.size).toBe(1);
        }
        held.forgetTried(nowMs - lateMs + 60_001);
        expect(held.size).toBe(0);
        held.hold('counters|a', nowMs);
        expect(held.has('counters|a', nowMs + 60_000)).toBe(false);
      }),
    );
  });
});
