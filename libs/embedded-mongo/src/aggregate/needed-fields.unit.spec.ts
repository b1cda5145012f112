import { describe, expect, it } from '@jest/globals';
import type { Document } from '../bson/document.js';
import type { Parts } from '../bson/stored.js';
import { neededParts } from './needed-fields.js';

const asDocument = (parts: Parts): Document =>
  Object.fromEntries([...parts].map(([name, part]) => [name, part === true || asDocument(part)]));

const partsOf = (...stages: Document[]) => {
  const found = neededParts(stages);
  return found && asDocument(found);
};

describe('the parts that a pipeline needs', () => {
  it('are those that are read before a stage makes documents of its own', () => {
    expect(
      partsOf(
        { $unwind: { path: '$lines', includeArrayIndex: 'at' } },
        { $match: { 'lines.sku': 'a', $or: [{ v: 1 }, { $expr: { $gt: ['$w.x', '$$NOW'] } }] } },
        { $group: { _id: { sku: '$lines.sku' }, sold: { $sum: { $multiply: ['$lines.quantity', '$factor'] } } } },
        { $sort: { other: 1 } },
      ),
    ).toEqual({ at: true, factor: true, lines: { sku: true, quantity: true }, v: true, w: { x: true } });
    expect(partsOf({ $set: { 'a.b': '$c' } }, { $sort: { d: 1 } }, { $project: { e: 1, f: '$g' } })).toEqual({
      _id: true,
      a: { b: true },
      c: true,
      d: true,
      e: true,
      f: true,
      g: true,
    });
    expect(partsOf({ $lookup: { from: 'o', localField: 'a.b', foreignField: 'c', as: 'd' } }, { $count: 'n' })).toEqual(
      { a: { b: true }, d: true },
    );
  });

  it('are whole where something asks for the whole, or for an element by its place', () => {
    const group = {
      $group: { _id: '$a.b', all: { $push: '$a' }, some: { $push: '$b.c.0.d' }, more: { $max: '$b.e' } },
    };
    expect(partsOf({ $sort: { 'a.c': 1 } }, group)).toEqual({ a: true, b: { c: true, e: true } });
  });

  it('are all when the documents themselves come out, or an expression takes them whole', () => {
    expect(partsOf({ $match: { a: 1 } })).toBeUndefined();
    expect(partsOf({ $project: { a: 0 } })).toBeUndefined();
    expect(partsOf({ $project: { a: { $slice: 1 } } })).toBeUndefined();
    expect(partsOf({ $group: { _id: '$a', first: { $first: '$$ROOT' } } })).toBeUndefined();
    expect(partsOf({ $group: { _id: { $getField: 'a' } } })).toBeUndefined();
    expect(partsOf({ $facet: { a: [] } }, { $count: 'n' })).toBeUndefined();
  });
});
