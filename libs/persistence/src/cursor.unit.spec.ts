import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.js';
import { InvalidCursorError } from './errors.js';

const Place = z.tuple([z.int(), z.string()]);

describe('cursor', () => {
  test('leads back to its place', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string({ unit: 'grapheme' }), (at, id) =>
        expect(decodeCursor('posts', encodeCursor('posts', [at, id]), Place)).toEqual([at, id]),
      ),
    );
  });

  test('of another list, changed, or made up is refused', () => {
    const cursor = encodeCursor('posts', [1, 'a']);
    expect(() => decodeCursor('orders', cursor, Place)).toThrow(InvalidCursorError);
    expect(() => decodeCursor('posts', cursor.slice(0, -2), Place)).toThrow(InvalidCursorError);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (made) =>
        expect(() => decodeCursor('posts', made, Place)).toThrow(InvalidCursorError),
      ),
    );
  });
});
