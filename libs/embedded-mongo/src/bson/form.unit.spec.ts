import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Binary, BSON, Double, Int32, Long, ObjectId } from 'bson';
import fc from 'fast-check';
import { decode, encode, type Document } from './document.js';
import { formOf } from './form.js';
import { decodeStored } from './stored.js';

const scalar = fc.oneof(
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.string({ unit: 'grapheme', maxLength: 90 }),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom<unknown>(null, true, false, 'a\0b', new ObjectId('00112233445566778899aabb')),
);
const names = fc.constantFrom('_id', 'a', 'größe', 'lines', '__proto__', '7', '$set', 'a.b', '');
const { document } = fc.letrec<{ document: Document; value: unknown }>((tie) => ({
  document: fc.dictionary(names, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie('value'), { maxLength: 12 }), tie('document')),
}));
const change = fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), byte: fc.nat(255) });

/** What each form promises. */
function check(bytes: Buffer): void {
  const form = formOf(bytes);
  if (form === 'other') return;
  const decoded = decode(bytes);
  expect(decodeStored(bytes)).toEqual(decoded);
  // A double that is no number has many forms.
  if (form === 'stored' && !inspect(decoded, { depth: null }).includes('NaN')) expect(encode(decoded)).toEqual(bytes);
}

const changed = (bytes: Buffer, { at, byte }: { at: number; byte: number }): Buffer => {
  const result = Buffer.from(bytes);
  result[Math.floor(at * bytes.length)] = byte;
  return result;
};

/** BSON of these elements: type, name and value in hexadecimal digits. */
function bsonOf(...elements: [type: string, name: string, value: string][]): Buffer {
  const parts = elements.map(([type, name, value]) => Buffer.from(`${type}${hex(name)}00${value}`, 'hex'));
  const bytes = Buffer.concat([Buffer.alloc(4), ...parts, Buffer.alloc(1)]);
  bytes.writeInt32LE(bytes.length);
  return bytes;
}

const hex = (text: string) => Buffer.from(text).toString('hex');
const one: [string, string, string] = ['10', 'a', '01000000'];

describe('the form of a document that came over the wire', () => {
  it('tells what can be read and stored as it is, whatever it is', () => {
    fc.assert(
      fc.property(document, (source) => check(Buffer.from(BSON.serialize(source)))),
      { numRuns: 1_000 },
    );
  });

  it('tells that of broken ones, too', () => {
    const broken = (source: Document, changes: { at: number; byte: number }[], cut: number) => {
      const bytes = changes.reduce(changed, encode(source));
      check(bytes);
      check(bytes.subarray(0, bytes.length - cut));
    };
    fc.assert(fc.property(document, fc.array(change, { minLength: 1, maxLength: 2 }), fc.nat(9), broken), {
      numRuns: 5_000,
    });
  });

  it('is that of a stored one for what services store', () => {
    const order = {
      _id: 'order_1',
      placedAt: new Date(1.7e12),
      lines: Array.from({ length: 12 }, (_, i) => ({ sku: `sku_${i}`, title: 'Lämpchen', price: 19.5, many: 2 ** 40 })),
      address: { name: 'Ana', street: 'x'.repeat(300), more: { deep: [[1], []] } },
      paid: true,
      none: null,
      owner: new ObjectId(),
      $set: 1,
    };
    expect(formOf(encode(order))).toBe('stored');
    expect(formOf(encode({}))).toBe('stored');
  });

  it.each([
    ['a name that comes twice', bsonOf(one, ['10', 'b', '02000000'], one)],
    ['a name that an object puts first', bsonOf(one, ['10', '7', '01000000'])],
    ['an element with the wrong number', bsonOf(['04', 'a', bsonOf(['0a', '1', '']).toString('hex')])],
    ['an element with a long name', bsonOf(['04', 'a', bsonOf(['0a', '00', '']).toString('hex')])],
  ])('is one that can be read, not stored, with %s', (_, bytes) => {
    check(bytes);
    expect(formOf(bytes)).toBe('sound');
  });

  it('is one that can be read, not stored, with very many names', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, i]));
    expect(formOf(encode(many))).toBe('sound');
  });

  it.each([
    ['a value of a rare type', encode({ a: new Binary(Buffer.from('x')) })],
    ['a reference', encode({ a: { $ref: 'things', $id: 1 } })],
    ['a boolean that is neither', bsonOf(['08', 'a', '02'])],
    ['a moment that no Date can hold', bsonOf(['09', 'a', '000000000000ff7f'])],
    ['text that is not UTF-8', bsonOf(['02', 'a', '02000000ff00'])],
    ['long text that is not UTF-8', bsonOf(['02', 'a', `65000000${'61'.repeat(99)}ff00`])],
    ['a name that is not UTF-8', bsonOf(['0a', 'ab', '']).map((byte, i) => (i === 5 ? 0xff : byte))],
    ['text that does not end', bsonOf(['02', 'a', '010000007a'])],
    ['text of no length', bsonOf(['02', 'a', '00000000'])],
    ['text that is longer than all', bsonOf(['02', 'a', 'ff0000007a00'])],
    ['a document that is longer than what it is in', bsonOf(['03', 'a', '0600000000'])],
    ['something behind its end', Buffer.concat([bsonOf(one), Buffer.alloc(1)])],
    ['no bytes', Buffer.alloc(0)],
  ])('is none of these with %s', (_, bytes) => {
    expect(formOf(Buffer.from(bytes))).toBe('other');
  });
});
