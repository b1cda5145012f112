import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeSequence, type ProducerEntry, remember } from './producer-state.js';

const batch = (baseSequence: number, recordCount: number, producerEpoch = 0) => {
  return { baseSequence, recordCount, producerEpoch };
};

/** The entry after batches of these sizes, one behind the other; offsets equal sequences. */
function after(counts: readonly number[], startSequence = 0): { entry: ProducerEntry; next: number } {
  let entry: ProducerEntry | undefined;
  let next = startSequence;
  for (const count of counts) {
    const verdict = judgeSequence(entry, batch(next, count));
    if (verdict.kind !== 'append') throw new Error(`refused: ${verdict.kind}`);
    const { lastSequence } = verdict;
    entry = remember(entry, 0, { firstSequence: next, lastSequence, baseOffset: next, timestamp: 0 }, 0);
    next = (lastSequence + 1) % 2 ** 31;
  }
  if (entry === undefined) throw new Error('no batches');
  return { entry, next };
}

const counts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 12 });

describe('sequence of an idempotent producer', () => {
  test('goes on without a gap, past the largest number too', () => {
    fc.assert(
      fc.property(counts, fc.constantFrom(0, 2 ** 31 - 2500), fc.integer({ min: 1, max: 9 }), (sizes, start, size) => {
        const { entry, next } = after(sizes, start);
        expect(judgeSequence(entry, batch(next, size)).kind).toBe('append');
        expect(judgeSequence(entry, batch((next + 1) % 2 ** 31, size)).kind).toBe('out-of-order');
      }),
    );
  });

  test('begins at 0 again behind the largest number', () => {
    const { entry } = after([5], 2 ** 31 - 5);
    expect(judgeSequence(entry, batch(0, 3)).kind).toBe('append');
    expect(judgeSequence(entry, batch(1, 3)).kind).toBe('out-of-order');
  });

  test('repeats itself when one of the last five batches comes again, with the offset that it had', () => {
    fc.assert(
      fc.property(counts, (sizes) => {
        const { entry } = after(sizes);
        const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
        for (const [index, start] of starts.entries()) {
          const verdict = judgeSequence(entry, batch(start, sizes[index] ?? 0));
          const isRemembered = index >= sizes.length - 5;
          expect(verdict.kind).toBe(isRemembered ? 'duplicate' : 'out-of-order');
          if (verdict.kind === 'duplicate') expect(verdict.of.baseOffset).toBe(start);
        }
      }),
    );
  });

  test('begins anywhere for a producer that is not known, at 0 in a new epoch, and never in an old one', () => {
    expect(judgeSequence(undefined, batch(41, 2)).kind).toBe('append');
    const { entry } = after([3]);
    expect(judgeSequence(entry, batch(0, 2, 1)).kind).toBe('append');
    expect(judgeSequence(entry, batch(3, 2, 1)).kind).toBe('out-of-order');
    expect(judgeSequence({ ...entry, epoch: 2 }, batch(3, 2, 1)).kind).toBe('fenced');
  });
});
