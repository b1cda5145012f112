import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTrimTurn, mergeStretches, newestOf, readPage, type Entry, type Stretch } from './timeline.js';

const postId = (n: number): string => `post_${String(n).padStart(6, '0')}`;
const entry = (n: number): Entry => ({ postId: postId(n), authorId: `profile_${n % 5}` });
const newestFirst = (numbers: readonly number[]): Entry[] =>
  [...new Set(numbers)].toSorted((one, other) => other - one).map(entry);
const stretchOf = (all: readonly Entry[], below: string | undefined, count: number): Stretch => {
  const entries = all.filter(({ postId: id }) => below === undefined || id < below).slice(0, count);
  return { entries, full: entries.length === count };
};
const sources = fc.array(fc.array(fc.nat(300), { maxLength: 60 }), { minLength: 1, maxLength: 4 });
const hidden = fc.array(fc.nat(300), { maxLength: 200 });

describe('reading a feed from several sources', () => {
  test('page after page gives the visible posts of all of them, once each, newest first', async () => {
    const property = fc.asyncProperty(sources, hidden, fc.integer({ min: 1, max: 7 }), async (lists, hide, first) => {
      const streams = lists.map(newestFirst);
      const unseen = new Set(hide.map(postId));
      const read = (after: string | undefined) =>
        readPage(
          first,
          after,
          async (below, count) => mergeStretches(streams.map((all) => stretchOf(all, below, count))),
          async (entries) => entries.filter(({ postId: id }) => !unseen.has(id)),
        );
      const expected = newestFirst(lists.flat()).filter(({ postId: id }) => !unseen.has(id));
      const seen: Entry[] = [];
      for (let after: string | undefined, more = true; more; after = seen.at(-1)?.postId) {
        const page = await read(after);
        expect(page.items).toHaveLength(Math.min(first, expected.length - seen.length));
        seen.push(...page.items);
        more = page.hasNextPage;
      }
      expect(seen).toEqual(expected);
    });
    await fc.assert(property);
  });

  test('posts that come in between pages move nothing', async () => {
    const property = fc.asyncProperty(fc.array(fc.nat(300)), fc.nat(10), async (numbers, first) => {
      const before = newestFirst(numbers);
      const after = newestFirst([...numbers, 400, 401]);
      const page = (all: readonly Entry[], place: string | undefined) =>
        readPage(
          first,
          place,
          async (below, count) => mergeStretches([stretchOf(all, below, count)]),
          async (entries) => entries,
        );
      const { items } = await page(before, undefined);
      const place = items.at(-1)?.postId;
      if (place !== undefined) expect(await page(after, place)).toEqual(await page(before, place));
    });
    await fc.assert(property);
  });

  test('nothing is taken from below the end of a full stretch', () => {
    const merged = mergeStretches([
      { entries: [entry(9), entry(8)], full: true },
      { entries: [entry(7), entry(1)], full: false },
    ]);
    expect(merged).toEqual({ entries: [entry(9), entry(8)], full: true, seenTo: postId(8) });
  });
});

test('about one in so many inserts trims a feed', () => {
  const turns = Array.from({ length: 6_400 }, (_, n) => isTrimTurn('profile_a', postId(n), 64)).filter(Boolean);
  expect(turns.length).toBeGreaterThan(50);
  expect(turns.length).toBeLessThan(200);
});

describe('the newest of several authors', () => {
  test('are those of all their lists laid together', () => {
    const property = fc.property(fc.array(fc.nat(300)), fc.integer({ min: 1, max: 40 }), (numbers, count) => {
      const all = newestFirst(numbers);
      const lists = [0, 1, 2, 3, 4].map((n) => all.filter(({ authorId }) => authorId === `profile_${n}`));
      expect(newestOf(lists, count)).toEqual(all.slice(0, count));
    });
    fc.assert(property);
  });
});
