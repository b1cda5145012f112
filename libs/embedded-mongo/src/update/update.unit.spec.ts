import { describe, expect, it } from '@jest/globals';
import { Double, Int32, Long } from 'bson';
import fc from 'fast-check';
import { compareValues, equalValues } from '../bson/compare.js';
import { decode, encode, promote, type Document } from '../bson/document.js';
import { compileUpdate, type Update } from './update.js';

const now = new Date('2026-11-25T12:00:00Z');
const noPipeline = (): never => {
  throw new Error('no pipeline here');
};
const typed = (source: Document): Document => decode(encode(source));
const compile = (update: Document, arrayFilters: Document[] = []): Update =>
  compileUpdate(typed(update), { arrayFilters: arrayFilters.map(typed) }, noPipeline);
const applied = (document: Document, update: Document, arrayFilters?: Document[]): unknown =>
  promote(compile(update, arrayFilters).apply(typed(document), { now }));
const code = (document: Document, update: Document): unknown => {
  try {
    applied(document, update);
  } catch (error) {
    return typeof error === 'object' && error !== null && 'errorCode' in error ? error.errorCode : error;
  }
  throw new Error('it did not fail');
};

const small = fc.integer({ min: -5, max: 5 });
const list = fc.array(small, { maxLength: 6 });

describe('an update', () => {
  it('never changes the document that it is given', () => {
    const updates = fc.constantFrom<Document>(
      { $set: { 'a.b': 1 } },
      { $push: { list: 9 } },
      { $unset: { list: '' } },
      { $inc: { n: 1 } },
      { $pull: { list: { $gt: 0 } } },
      { $rename: { n: 'm' } },
    );
    fc.assert(
      fc.property(list, small, updates, (items, n, update) => {
        const document = typed({ _id: 1, list: items, n, a: { b: 0 } });
        const before = encode(document);
        compile(update).apply(document, { now });
        expect(encode(document).equals(before)).toBe(true);
      }),
    );
  });

  it('adds like arithmetic, and widens rather than wraps', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(applied({ n: a }, { $inc: { n: b } })).toEqual({ n: a + b });
        expect(applied({ n: a }, { $mul: { n: b } })).toEqual({ n: a * b + 0 });
      }),
    );
    const { n } = compile({ $inc: { n: 1 } }).apply({ n: new Int32(2 ** 31 - 1) }, { now });
    expect(n).toEqual(Long.fromNumber(2 ** 31));
    expect(compile({ $inc: { n: 1 } }).apply({ n: new Double(0.5) }, { now }).n).toEqual(new Double(1.5));
    expect(() => compile({ $inc: { n: 1 } }).apply({ n: Long.MAX_VALUE }, { now })).toThrow('overflow');
  });

  it('takes the lower or higher value by the order of BSON', () => {
    fc.assert(
      fc.property(fc.oneof(small, fc.string(), fc.boolean()), fc.oneof(small, fc.string()), (old, next) => {
        const low = applied({ v: old }, { $min: { v: next } });
        const high = applied({ v: old }, { $max: { v: next } });
        const isLower = compareValues(next, old) < 0;
        expect(low).toEqual({ v: isLower ? next : old });
        expect(high).toEqual({ v: compareValues(next, old) > 0 ? next : old });
      }),
    );
  });

  it('pushes, sorts, slices and places', () => {
    fc.assert(
      fc.property(list, list, fc.integer({ min: -4, max: 4 }), (old, added, slice) => {
        const all = [...old, ...added].toSorted((a, b) => a - b);
        const kept = slice === 0 ? [] : slice < 0 ? all.slice(slice) : all.slice(0, slice);
        const push = { list: { $each: added, $sort: 1, $slice: slice } };
        expect(applied({ list: old }, { $push: push })).toEqual({ list: kept });
      }),
    );
    expect(applied({ l: [1, 4] }, { $push: { l: { $each: [2, 3], $position: 1 } } })).toEqual({ l: [1, 2, 3, 4] });
    expect(applied({}, { $push: { l: 1 } })).toEqual({ l: [1] });
  });

  it('keeps a set a set, and pulls what a filter names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(small), list, small, (set, added, limit) => {
        const { l } = applied({ l: set }, { $addToSet: { l: { $each: added } } }) as { l: number[] };
        expect(new Set(l)).toEqual(new Set([...set, ...added]));
        expect(l).toHaveLength(new Set(l).size);
        const pulled = applied({ l: added }, { $pull: { l: { $gte: limit } } });
        expect(pulled).toEqual({ l: added.filter((each) => each < limit) });
      }),
    );
    const lines = [
      { k: 1, q: 1 },
      { k: 2, q: 5 },
    ];
    expect(applied({ lines }, { $pull: { lines: { q: { $gt: 3 } } } })).toEqual({ lines: [lines[0]] });
    expect(applied({ l: [1, 2, 1] }, { $pullAll: { l: [1] } })).toEqual({ l: [2] });
  });

  it('reaches into arrays: by index, all, filtered, and at the position of the match', () => {
    const document = { l: [{ q: 1 }, { q: 5 }, { q: 9 }] };
    expect(applied(document, { $set: { 'l.1.q': 0 } })).toEqual({ l: [{ q: 1 }, { q: 0 }, { q: 9 }] });
    expect(applied(document, { $inc: { 'l.$[].q': 1 } })).toEqual({ l: [{ q: 2 }, { q: 6 }, { q: 10 }] });
    const filtered = applied(document, { $unset: { 'l.$[x].q': '' } }, [{ 'x.q': { $gt: 4 } }]);
    expect(filtered).toEqual({ l: [{ q: 1 }, {}, {}] });
    const update = compile({ $set: { 'l.$.q': 0 } });
    expect(promote(update.apply(typed(document), { matched: 2, now }))).toEqual({ l: [{ q: 1 }, { q: 5 }, { q: 0 }] });
    expect(applied({ l: [1] }, { $set: { 'l.3': 4 } })).toEqual({ l: [1, null, null, 4] });
  });

  it('adds new fields in the order of their names, whatever the operators', () => {
    const after = applied({ z: 1 }, { $set: { c: 1, 'l.10': 1, 'l.2': 1 }, $inc: { a: 1 }, $push: { b: 1 } });
    expect(Object.keys(after as Document)).toEqual(['z', 'a', 'b', 'c', 'l']);
    expect(Object.keys((after as { l: Document }).l)).toEqual(['2', '10']);
  });

  it('renames, sets the time, counts bits, and keeps $setOnInsert for inserts', () => {
    expect(applied({ a: { b: 1 } }, { $rename: { 'a.b': 'c' } })).toEqual({ a: {}, c: 1 });
    expect(applied({}, { $currentDate: { at: true } })).toEqual({ at: now });
    expect(applied({ n: 5 }, { $bit: { n: { and: 6 } } })).toEqual({ n: 4 });
    expect(applied({}, { $setOnInsert: { a: 1 } })).toEqual({});
    expect(compile({ $setOnInsert: { a: 1 } }).apply({}, { inserting: true, now })).toEqual({ a: new Int32(1) });
  });

  it('refuses what makes no sense, with the code of MongoDB', () => {
    expect(code({ n: 'x' }, { $inc: { n: 1 } })).toBe(14);
    expect(code({ n: 1 }, { $inc: { n: 'x' } })).toBe(14);
    expect(code({ n: 1 }, { $push: { n: 1 } })).toBe(2);
    expect(code({ n: 1 }, { $set: { 'n.a': 1 } })).toBe(28);
    expect(code({}, { $set: { a: 1 }, $unset: { 'a.b': '' } })).toBe(40);
    expect(code({ _id: 1 }, { $set: { _id: 2 } })).toBe(66);
    expect(code({}, { $nope: { a: 1 } })).toBe(9);
    expect(code({ l: [1] }, { $set: { 'l.$[x]': 1 } })).toBe(2);
  });

  it('replaces everything but the _id', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b'), small), (next) => {
        const replaced = compile(next).apply(typed({ _id: 7, old: 1 }), { now });
        expect(equalValues(replaced, { _id: 7, ...next })).toBe(true);
      }),
    );
  });
});
