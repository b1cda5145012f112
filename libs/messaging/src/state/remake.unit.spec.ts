import { describe, expect, test } from '@jest/globals';
import { remakePages } from './remake.js';

async function* pagesOf(count: number): AsyncGenerator<number> {
  for (let page = 1; page <= count; page++) yield page;
}
const signal = new AbortController().signal;

describe('making pages anew', () => {
  test('takes each once, and tells how far it is, never more than all', async () => {
    const taken: number[] = [];
    const told: number[] = [];
    const remake = async (page: number): Promise<number> => {
      taken.push(page);
      return 3;
    };
    const run = { signal, onProgress: ({ done }: { done: number }) => told.push(done) };
    expect(await remakePages(pagesOf(5), 14, remake, run)).toEqual({ done: 14, total: 14 });
    expect(taken).toEqual([1, 2, 3, 4, 5]);
    expect(told).toEqual([3, 6, 9, 12, 14, 14]);
  });

  test('that fails ends after the page that is under way, and begins no other', async () => {
    const taken: number[] = [];
    let hasEnded = false;
    const remake = async (page: number): Promise<number> => {
      taken.push(page);
      if (page === 2) throw new Error('the database is away');
      await new Promise((resolve) => setImmediate(resolve));
      hasEnded = true;
      return 1;
    };
    const run = { signal, onProgress: () => undefined };
    await expect(remakePages(pagesOf(9), 9, remake, run)).rejects.toThrow('the database is away');
    expect({ taken, hasEnded }).toEqual({ taken: [1, 2], hasEnded: true });
  });

  test('ends when it is cut off', async () => {
    const run = { signal: AbortSignal.abort(new Error('closing')), onProgress: () => undefined };
    await expect(remakePages(pagesOf(3), 3, async () => 1, run)).rejects.toThrow('closing');
  });
});
