import { describe, expect, it } from '@jest/globals';
import { neededFields } from './needed-fields.js';

const fieldsOf = (...stages: Record<string, unknown>[]) => {
  const found = neededFields(stages);
  return found && [...found].toSorted();
};

describe('the fields that a pipeline needs', () => {
  it('are those that are read before a stage makes documents of its own', () => {
    expect(
      fieldsOf(
        { $unwind: { path: '$lines', includeArrayIndex: 'at' } },
        { $match: { 'lines.sku': 'a', $or: [{ v: 1 }, { $expr: { $gt: ['$w.x', '$$NOW'] } }] } },
        { $group: { _id: { sku: '$lines.sku' }, sold: { $sum: { $multiply: ['$lines.quantity', '$factor'] } } } },
        { $sort: { other: 1 } },
      ),
    ).toEqual(['at', 'factor', 'lines', 'v', 'w']);
    expect(fieldsOf({ $set: { 'a.b': '$c' } }, { $sort: { d: 1 } }, { $project: { e: 1, f: '$g' } })).toEqual([
      '_id',
      'a',
      'c',
      'd',
      'e',
      'f',
      'g',
    ]);
    expect(
      fieldsOf({ $lookup: { from: 'o', localField: 'a.b', foreignField: 'c', as: 'd' } }, { $count: 'n' }),
    ).toEqual(['a', 'd']);
  });

  it('are all when the documents themselves come out, or an expression takes them whole', () => {
    expect(fieldsOf({ $match: { a: 1 } })).toBeUndefined();
    expect(fieldsOf({ $project: { a: 0 } })).toBeUndefined();
    expect(fieldsOf({ $project: { a: { $slice: 1 } } })).toBeUndefined();
    expect(fieldsOf({ $group: { _id: '$a', first: { $first: '$$ROOT' } } })).toBeUndefined();
    expect(fieldsOf({ $group: { _id: { $getField: 'a' } } })).toBeUndefined();
    expect(fieldsOf({ $facet: { a: [] } }, { $count: 'n' })).toBeUndefined();
  });
});
