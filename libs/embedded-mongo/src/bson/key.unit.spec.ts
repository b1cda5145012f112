import { describe, expect, it } from '@jest/globals';
import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { compareValues } from './compare.js';
import { decode, encode } from './document.js';
import { afterPrefix, encodeKey, invert } from './key.js';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value));
const number = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((value) => new Int32(value)),
  fc.integer({ min: -3, max: 3 }).map((value) => new Int32(value)),
  fc.integer({ min: -3, max: 3 }).map((value) => new Double(value)),
  fc.integer({ min: -3, max: 3 }).map((value) => Long.fromNumber(value)),
  fc.double().map((value) => new Double(value)),
  int64,
  fc.integer({ min: -3, max: 3 }).map((value) => Decimal128.fromString(`${value}.5`)),
  fc
    .constantFrom('9007199254740993', '1E-400', '-1E+400', 'NaN', 'Infinity')
    .map((text) => Decimal128.fromString(text)),
);
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('', 'a', 'a\0', 'a\0b', 'ab'));
const bytes = fc.uint8Array({ maxLength: 5 }).map((value) => new Binary(value));
const id = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((value) => new ObjectId(value));
const stamp = fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(9)).map(([t, i]) => new Timestamp({ t, i }));
const date = fc.date({ noInvalidDate: true });
const special = fc.constantFrom<unknown>(null, undefined, true, false, new MinKey(), new MaxKey());
const scalar = fc.oneof(number, number, text, bytes, id, stamp, date, special);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', ''), tie('value'), { maxKeys: 3 }),
  ),
}));

describe('the key of a value', () => {
  it("has BSON's order", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(Math.sign(Buffer.compare(encodeKey(a), encodeKey(b)))).toBe(Math.sign(compareValues(a, b)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is no prefix of another, so that keys can be joined', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [x, y] = [encodeKey(a), encodeKey(b)];
        if (!x.equals(y)) expect(x.subarray(0, y.length).equals(y)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('turns its order round when it is inverted', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const order = Buffer.compare(invert(encodeKey(a)), invert(encodeKey(b)));
        expect(Math.sign(order) + Math.sign(compareValues(a, b))).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('lies below the end of its prefix', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.uint8Array({ maxLength: 3 }), (prefix, rest) => {
        fc.pre(prefix.some((byte) => byte !== 0xff));
        const key = Buffer.concat([prefix, rest]);
        expect(Buffer.compare(key, afterPrefix(prefix))).toBe(-1);
        expect(Buffer.compare(prefix, afterPrefix(prefix))).toBe(-1);
      }),
    );
  });
});

describe('the order of values', () => {
  it('is total', () => {
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(compareValues(a, a)).toBe(0);
        expect(compareValues(a, b) + compareValues(b, a)).toBe(0);
        if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) expect(compareValues(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a document', () => {
  it('comes back from BSON with its types', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b'), value), (document) => {
        const bytes = encode(document);
        expect(encode(decode(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });
});
