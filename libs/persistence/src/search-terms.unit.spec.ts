import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { queryTerms, searchTerms } from './search-terms.js';

const finds = (text: string, query: string): boolean => {
  const terms = new Set(searchTerms(text));
  return queryTerms(query).every((term) => terms.has(term));
};

describe('search terms', () => {
  test.each([
    ['Desk lamp, brass', 'lam'],
    ['Desk lamp, brass', 'BRASS desk'],
    ['Café crème', 'cafe'],
    ['Стол', 'сто'],
    ['台所ランプ', '台所'],
    ['台所ランプ', 'ラ'],
    ['ﬁne ＷＩＤＥ letters', 'fine wide'],
    ['extraordinarily long words', 'extraordinarily'],
    ['straße', 'straß'],
  ])('%s is found by %s', (text, query) => expect(finds(text, query)).toBe(true));

  test.each([
    ['Desk lamp', 'amp'],
    ['Desk lamp', 'lamp shade'],
    ['台所ランプ', '所台'],
  ])('%s is not found by %s', (text, query) => expect(finds(text, query)).toBe(false));

  test('a query without letters or digits asks for nothing', () => expect(queryTerms(' -- ?! ')).toEqual([]));

  test('a text is found by each of its words', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 6 }), (words) =>
        words.every((word) => finds(words.join(' '), word)),
      ),
    );
  });
});
