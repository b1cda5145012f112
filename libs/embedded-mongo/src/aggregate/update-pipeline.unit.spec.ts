import { describe, expect, it } from '@jest/globals';
import { Double, Int32, Long } from 'bson';
import { encode, type Document } from '../bson/document.js';
import { compileUpdatePipeline } from './update-pipeline.js';

const document = {
  _id: new Int32(1),
  zero: new Int32(0),
  wide: Long.fromNumber(5),
  list: [{ v: Long.fromNumber(1) }, { v: new Double(2) }],
  rest: { real: new Double(3) },
};

const cases: [title: string, stages: Document[], expected: Document][] = [
  ['a field is set', [{ $set: { n: { $add: ['$wide', 1] } } }], { ...document, n: Long.fromNumber(6) }],
  [
    'elements are left out',
    [{ $set: { list: { $filter: { input: '$list', cond: { $gt: ['$$this.v', 1] } } } } }],
    { ...document, list: [{ v: new Double(2) }] },
  ],
  [
    'an int32 becomes the negative zero',
    [{ $set: { zero: { $multiply: ['$zero', -1.5] } } }],
    { ...document, zero: -0 },
  ],
  [
    'a field is removed',
    [{ $unset: ['list', 'rest.real'] }],
    { _id: document._id, zero: document.zero, wide: document.wide, rest: {} },
  ],
  ['the whole is asked for', [{ $set: { copy: '$$ROOT.rest' } }], { ...document, copy: document.rest }],
  [
    'the document is made anew',
    [{ $replaceWith: { wide: '$wide', rest: '$rest' } }],
    { wide: document.wide, rest: document.rest },
  ],
];

describe('a pipeline update', () => {
  it.each(cases)('keeps the types of numbers when %s', (_title, stages, expected) => {
    const run = compileUpdatePipeline(stages, {});
    expect(encode(run(document))).toEqual(encode(expected));
    expect(encode(run(document))).toEqual(encode(expected));
  });

  it('is not taken for the one before it, however alike', () => {
    const values: unknown[] = [
      new Int32(1),
      new Double(1),
      Long.fromNumber(1),
      new Int32(2),
      '1',
      [new Int32(1)],
      null,
    ];
    for (const value of [...values, new Double(0), new Double(-0), { a: new Int32(1) }, { b: new Int32(1) }, {}]) {
      const run = compileUpdatePipeline([{ $set: { n: { $literal: value } } }], {});
      expect(encode(run(document))).toEqual(encode({ ...document, n: value }));
    }
  });

  it('tells of a stage that is none before one that no update may have', () => {
    expect(() => compileUpdatePipeline([{ $match: {} }, { $none: {} }], {})).toThrow('Unrecognized pipeline stage');
    expect(() => compileUpdatePipeline([{ $match: {} }], {})).toThrow('is not allowed');
  });
});
