import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BadInputError } from '#service-kit';
import { connectionOf, pageInput } from './connection.js';

describe('a page', () => {
  test('has 1 to 100 entries, 20 unless said otherwise', () => {
    expect(pageInput({})).toEqual({ first: 20, after: null });
    expect(pageInput({ first: null, after: '' })).toEqual({ first: 20, after: null });
    fc.assert(
      fc.property(fc.integer(), (first) => {
        const isGood = first >= 1 && first <= 100;
        if (isGood) expect(pageInput({ first }).first).toBe(first);
        else expect(() => pageInput({ first })).toThrow(BadInputError);
      }),
    );
  });

  test('knows its first and last cursor', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5 }), fc.boolean(), (cursors, hasNextPage) => {
        const items = cursors.map((cursor, node) => ({ cursor, node }));
        const { edges, nodes, pageInfo } = connectionOf({ items, hasNextPage }, { after: 'x' });

        expect(nodes).toEqual(edges.map(({ node }) => node));
        expect(pageInfo).toEqual({
          hasNextPage,
          hasPreviousPage: true,
          startCursor: cursors[0] ?? null,
          endCursor: cursors.at(-1) ?? null,
        });
      }),
    );
  });
});
