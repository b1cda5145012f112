import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deadFiles, sparseFiles } from './file-policy.js';

const file = fc
  .record({ number: fc.integer({ min: 1, max: 20 }), bytes: fc.integer({ min: 1, max: 1000 }), share: fc.nat(100) })
  .map(({ number, bytes, share }) => ({ number, bytes, liveBytes: Math.floor((bytes * share) / 100) }));
const files = fc.uniqueArray(file, { selector: ({ number }) => number, maxLength: 12 });

describe('which data files go', () => {
  test('deleted are those that are in the index as a whole and hold nothing that is needed', () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 0, max: 21 }), (all, indexed) => {
        const dead = new Set(deadFiles(all, indexed));
        for (const { number, liveBytes } of all) {
          expect(dead.has(number)).toBe(number < indexed && liveBytes === 0);
        }
      }),
    );
  });

  test('rewritten are those that are mostly free, the emptiest first, and never one that may be written or deleted', () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 0, max: 21 }), (all, indexed) => {
        const sparse = sparseFiles(all, indexed);
        const of = (wanted: number) => all.find(({ number }) => number === wanted) ?? { bytes: 1, liveBytes: 0 };
        const shares = sparse.map((number) => of(number).liveBytes / of(number).bytes);
        expect(shares).toEqual(shares.toSorted((one, other) => one - other));
        expect(shares.every((share) => share > 0 && share < 0.5)).toBe(true);
        expect(sparse.every((number) => number < indexed)).toBe(true);
        expect(deadFiles(all, indexed).filter((number) => sparse.includes(number))).toEqual([]);
      }),
    );
  });
});
