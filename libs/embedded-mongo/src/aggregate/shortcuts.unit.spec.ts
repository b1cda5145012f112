import { describe, expect, it } from '@jest/globals';
import { Double, Int32, Long } from 'bson';
import fc from 'fast-check';
import { Lazy, type Iterator } from 'mingo/lazy';
import { encode, type Document } from '../bson/document.js';
import { decodeStoredPlain, type Parts } from '../bson/stored.js';
import { evaluationOptions } from '../expression/evaluate.js';
import { GROUP_ELEMENTS, withElementGroups } from './element-groups.js';
import { neededParts } from './needed-fields.js';
import { OWN_STAGES } from './own-stages.js';
import { iterate } from './stage.js';

const scalar = fc.constantFrom<unknown>(
  new Int32(1),
  new Int32(2),
  new Double(1),
  new Double(0.5),
  Long.fromNumber(2),
  'x',
  'y',
  null,
  new Date(5),
);
const NAMES = ['a', 'b', 'lines', '0'];
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const documents = fc.array(fc.dictionary(fc.constantFrom(...NAMES), value, { noNullPrototype: true }), {
  minLength: 1,
  maxLength: 6,
});

const top = fc.constantFrom('a', 'b', 'lines');
const path = fc.oneof(
  top,
  fc.tuple(top, fc.constantFrom(...NAMES)).map((names) => names.join('.')),
  fc.tuple(top, fc.constantFrom(...NAMES), fc.constantFrom(...NAMES)).map((names) => names.join('.')),
);
const reference = path.map((each) => `$${each}`);
const expression = fc.oneof(
  reference,
  reference,
  reference.map((each) => ({ made: each })),
  reference.map((each) => [each, 1]),
  reference.map((each) => ({ $ifNull: [each, 'none'] })),
  fc.constantFrom<unknown>(null, 1, '$$ROOT', '$$CURRENT.a'),
);
const accumulator = fc
  .tuple(fc.constantFrom('$sum', '$avg', '$min', '$max', '$first', '$last', '$push', '$addToSet'), expression)
  .map(([name, operand]) => ({ [name]: operand }));
const stage: fc.Arbitrary<Document> = fc.oneof(
  fc
    .tuple(path, fc.constantFrom<unknown>(1, 'x', null, { $exists: true }))
    .map(([at, is]) => ({ $match: { [at]: is } })),
  path.map((at) => ({ $sort: { [at]: 1 } })),
  fc.tuple(path, expression).map(([at, operand]) => ({ $set: { [at]: operand } })),
  reference.map((at) => ({ $unwind: at })),
  fc.tuple(reference, fc.boolean(), fc.constantFrom('a', 'lines.a', 'i')).map(([at, preserve, index]) => ({
    $unwind: { path: at, preserveNullAndEmptyArrays: preserve, includeArrayIndex: index },
  })),
);
const group = fc.tuple(expression, accumulator, accumulator).map(([_id, first, second]) => ({
  $group: { _id, first, second },
}));
const last: fc.Arbitrary<Document> = fc.oneof(
  group,
  fc.tuple(path, expression).map(([at, operand]) => ({ $project: { [at]: 1, made: operand } })),
  reference.map((at) => ({ $sortByCount: at })),
);
const unwound = fc.tuple(
  top.map((field) => ({ $unwind: `$${field}` })),
  group,
);
const pipeline = fc.oneof(
  fc.tuple(fc.array(stage, { maxLength: 3 }), last).map(([stages, end]) => [...stages, end]),
  fc.tuple(fc.array(stage, { maxLength: 1 }), unwound).map(([stages, end]) => [...stages, ...end]),
);

const decoded = (sources: Document[], parts?: Parts): Document[] =>
  sources.map((source) => decodeStoredPlain(encode(source), parts));

const isStage = (name: string): name is keyof typeof OWN_STAGES => Object.hasOwn(OWN_STAGES, name);

function outcome(input: Document[], stages: Document[]): unknown {
  const options = evaluationOptions({});
  const step = (stream: Iterator, one: Document): Iterator => {
    const [name = ''] = Object.keys(one);
    const run = isStage(name) ? OWN_STAGES[name] : undefined;
    if (!run) throw new Error(`no stage ${name}`);
    return run(stream, one[name] as Document, options);
  };
  try {
    return [...iterate(stages.reduce(step, Lazy(input)))].map((each) => each && encode(each).toString('latin1'));
  } catch (error) {
    return String(error);
  }
}

describe('a pipeline', () => {
  it('gives of the parts that it needs what it gives of whole documents', () => {
    fc.assert(
      fc.property(documents, pipeline, (sources, stages) => {
        expect(outcome(decoded(sources, neededParts(stages)), stages)).toEqual(outcome(decoded(sources), stages));
      }),
      { numRuns: 500 },
    );
  });

  it('groups elements in one step as it does in two', () => {
    fc.assert(
      fc.property(documents, pipeline, (sources, stages) => {
        const input = decoded(sources);
        expect(outcome(input, withElementGroups(stages))).toEqual(outcome(decoded(sources), stages));
        expect(input).toEqual(decoded(sources));
      }),
      { numRuns: 500 },
    );
  });

  it('groups elements in one step where nobody can tell, and nowhere else', () => {
    const unwind = { $unwind: '$a' };
    const count = { $group: { _id: '$a.b', n: { $sum: 1 } } };
    expect(withElementGroups([{ $match: {} }, unwind, count, { $limit: 1 }])).toEqual([
      { $match: {} },
      { [GROUP_ELEMENTS]: { field: 'a', group: count.$group } },
      { $limit: 1 },
    ]);
    const others: Document[][] = [
      [unwind],
      [count],
      [unwind, { $limit: 1 }, count],
      [{ $unwind: '$a.b' }, count],
      [{ $unwind: '$__proto__' }, count],
      [{ $unwind: { path: '$a', includeArrayIndex: 'i' } }, count],
      [{ $unwind: { path: '$a', preserveNullAndEmptyArrays: true } }, count],
      [unwind, { $group: { _id: '$$ROOT' } }],
      [unwind, { $group: { _id: null, all: { $push: { x: ['$$CURRENT'] } } } }],
      [unwind, { $group: { _id: null, top: { $top: { sortBy: { a: 1 }, output: '$a' } } } }],
    ];
    for (const stages of others) expect(withElementGroups(stages)).toEqual(stages);
  });
});
