import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ID_PREFIXES, idFrom, idOf, prefixOf, typeIds } from './ids.js';

const dates = fc.date({ min: new Date(0), max: new Date('2400-01-01'), noInvalidDate: true });

describe('ids', () => {
  test('name what they are of', () => {
    for (const prefix of ID_PREFIXES) {
      const id = typeIds.next(prefix);
      expect(idOf(prefix).parse(id)).toBe(id);
      expect(prefixOf(id)).toBe(prefix);
    }
  });

  test.each(['', 'order', 'order_', 'order_1', 'ORDER_01m84gm0f0f25a4d8x22mf2yaw', 'cow_01m84gm0f0f25a4d8x22mf2yaw'])(
    '«%s» names nothing',
    (id) => expect(prefixOf(id)).toBeUndefined(),
  );

  test('made from a seed are the same again, differ by seed, and sort by time', () => {
    fc.assert(
      fc.property(dates, dates, fc.string(), fc.string(), (early, late, seed, other) => {
        fc.pre(early < late && seed !== other);
        const id = idFrom('post', early, seed);
        expect(prefixOf(id)).toBe('post');
        expect(idFrom('post', early, seed)).toBe(id);
        expect(idFrom('post', early, other)).not.toBe(id);
        expect(id < idFrom('post', late, seed)).toBe(true);
      }),
    );
  });
});
