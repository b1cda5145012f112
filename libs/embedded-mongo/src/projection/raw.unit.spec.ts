import { describe, expect, it } from '@jest/globals';
import { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { decode, encode, type Document } from '../bson/document.js';
import { compileProjection } from './projection.js';
import { rawProjection } from './raw.js';

const values: unknown[] = [
  new Double(1.5),
  'text',
  { a: 1, b: [1] },
  [1, { a: 2 }],
  new Binary(Buffer.from('abc')),
  new ObjectId('64b000000000000000000001'),
  true,
  new Date(0),
  null,
  new BSONRegExp('a', 'i'),
  new Code('x', { y: 1 }),
  new Code('x'),
  new Int32(5),
  new Timestamp({ t: 1, i: 2 }),
  Long.fromNumber(7),
  Decimal128.fromString('1.5'),
  new MinKey(),
  new MaxKey(),
];
const name = fc.constantFrom('a', 'b', 'été', 'long name', 'z');
const document = fc
  .dictionary(name, fc.constantFrom(...values))
  .map((fields): Document => ({ _id: new Int32(1), ...fields }));
const projection = fc
  .tuple(fc.uniqueArray(name, { maxLength: 3 }), fc.boolean(), fc.constantFrom<Document>({}, { _id: 0 }, { _id: 1 }))
  .map(([names, flag, id]) => ({ ...Object.fromEntries(names.map((each) => [each, flag ? 1 : 0])), ...id }));

describe('a projection on bytes', () => {
  it('gives what the projection on the decoded document gives', () => {
    fc.assert(
      fc.property(document, projection, (given, source) => {
        const bytes = encode(given);
        const raw = rawProjection(source);
        fc.pre(raw !== undefined);
        expect(raw?.(bytes)).toEqual(encode(compileProjection(source)(decode(bytes))));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([[{}], [{ 'a.b': 1 }], [{ a: 1, b: 0 }], [{ a: { $slice: 1 } }], [{ $a: 1 }], [{ a: '$b' }]])(
    'is none for %j',
    (source) => {
      expect(rawProjection(source)).toBeUndefined();
    },
  );
});
