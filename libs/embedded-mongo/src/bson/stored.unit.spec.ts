import { describe, expect, it } from '@jest/globals';
import {
  Binary,
  BSON,
  BSONRegExp,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson';
import fc from 'fast-check';
import { decode, encode, plainDocument, type Document } from './document.js';
import { decodeStored, decodeStoredPlain, type Parts } from './stored.js';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value));
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.constantFrom('', 'a', 'a\0b', 'é', '𝄞'));
const rare = fc.constantFrom<unknown>(
  new Binary(Buffer.from('bytes')),
  new UUID('0d2a4c6e-8f01-4b23-9c45-6789abcdef01'),
  new BSONRegExp('^a', 'i'),
  new Code('return 1'),
  new Timestamp({ t: 5, i: 6 }),
  new MinKey(),
  new MaxKey(),
  Decimal128.fromString('1.50'),
  new DBRef('things', new ObjectId('00112233445566778899aabb')),
);
const scalar = fc.oneof(
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  int64,
  text,
  fc.date({ noInvalidDate: true }),
  fc.constantFrom<unknown>(null, true, false),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((value) => new ObjectId(value)),
  rare,
);
const name = fc
  .oneof(fc.constantFrom('a', 'b', '_id', '__proto__', 'größe', 'lines'), text)
  .filter((key) => !key.includes('\0'));
const { document } = fc.letrec<{ document: Document; value: unknown }>((tie) => ({
  document: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('document')),
}));

describe('a document', () => {
  const plain = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom<unknown>(undefined, -0, 2 ** 31, 2 ** 53, -(2 ** 31), 5n, new Date(NaN), /^a/i),
    fc.string({ maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.uint8Array({ maxLength: 30 }),
  );

  it('is encoded as the driver encodes it', () => {
    const field = fc.oneof(plain, fc.array(plain, { maxLength: 4 }), fc.record({ plain }));
    fc.assert(
      fc.property(document, name, field, (source, key, value) => {
        const whole = { ...source, [key]: value };
        expect(encode(whole)).toEqual(Buffer.from(BSON.serialize(whole, { ignoreUndefined: true })));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is encoded whatever its size', () => {
    const whole = { text: 'é'.repeat(100_000), items: Array.from({ length: 30_000 }, (_, i) => ({ i })) };
    expect(encode(whole).equals(BSON.serialize(whole))).toBe(true);
  });

  it('is refused with a name that BSON cannot hold', () => {
    expect(() => encode({ 'a\0b': 1 })).toThrow(BSON.BSONError);
  });
});

describe('a stored document', () => {
  it('is decoded as the driver decodes it, with numbers of BSON and with plain ones', () => {
    fc.assert(
      fc.property(document, (source) => {
        const bytes = encode(source);
        expect(decodeStored(bytes)).toEqual(decode(bytes));
        expect(decodeStoredPlain(bytes)).toEqual(plainDocument(decode(bytes)));
        expect(encode(decodeStored(bytes))).toEqual(bytes);
        expect(encode(decodeStoredPlain(bytes))).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('is decoded in part', () => {
    fc.assert(
      fc.property(document, fc.subarray(['a', 'b', '_id', 'größe', 'lines']), (source, fields) => {
        const bytes = encode(source);
        const listed = new Set(fields);
        const expected = Object.entries(decode(bytes)).filter(([key]) => listed.has(key));
        expect(Object.entries(decodeStored(bytes, listed))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('is decoded in parts of its documents, also of those in arrays', () => {
    const of = (fields: Document): Document => ({ ...fields, list: [fields, [fields], 5, null], other: fields });
    const source = { list: [{ a: 1, b: 2 }, [{ a: 1, b: 2 }], 5, null], b: 'x', sub: of({ a: 2, b: { a: 3 } }), c: 1 };
    const inner: Parts = new Map([['a', true]]);
    const parts = new Map<string, Parts | true>([
      ['b', true],
      ['sub', new Map([['list', inner]])],
      ['list', inner],
    ]);
    const list = [{ a: 2 }, [{ a: 2, b: { a: 3 } }], 5, null];
    expect(decodeStoredPlain(encode(source), parts)).toEqual({
      b: 'x',
      sub: { list },
      list: [{ a: 1 }, [{ a: 1, b: 2 }], 5, null],
    });
    expect(decodeStoredPlain(encode(source), new Map([['list', new Map()]]))).toEqual({
      list: [{}, [{ a: 1, b: 2 }], 5, null],
    });
  });
});
