import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evalExpr } from 'mingo/core';
import type { Document } from '../bson/document.js';
import { compileExpression } from './compiled.js';
import { evaluationOptions } from './evaluate.js';

const scalar = fc.oneof(fc.integer({ min: -2, max: 4 }), fc.constantFrom<unknown>('x', 'y', '', null, true, false));
const inner = fc.dictionary(fc.constantFrom('k', 'v'), scalar, { noNullPrototype: true });
const document: fc.Arbitrary<Document> = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.oneof(scalar, inner, fc.array(fc.oneof(scalar, inner), { maxLength: 3 })),
  { noNullPrototype: true },
);
const path = fc.constantFrom<unknown>(
  '$a',
  '$b',
  '$c',
  '$a.k',
  '$b.v',
  '$c.k.v',
  '$$ROOT',
  '$$CURRENT.a',
  '$$given',
  '$$given.k',
);
const { expression } = fc.letrec<{ expression: unknown; call: unknown }>((tie) => ({
  expression: fc.oneof({ maxDepth: 3, withCrossShrink: true }, path, scalar, tie('call')),
  call: fc.oneof(
    fc
      .tuple(
        fc.constantFrom('$eq', '$gt', '$lte', '$cmp', '$add', '$concatArrays', '$and'),
        tie('expression'),
        tie('expression'),
      )
      .map(([name, a, b]) => ({ [name]: [a, b] })),
    tie('expression').map((a) => ({ $size: a })),
    fc.tuple(tie('expression'), tie('expression')).map((choices) => ({ $ifNull: choices })),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map((parts) => ({ $cond: parts })),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map((parts) => ({ $cond: Object.fromEntries(['if', 'then', 'else'].map((name, i) => [name, parts[i]])) })),
    fc.tuple(tie('expression'), tie('expression')).map(([k, v]) => ({ k, v })),
    fc.array(tie('expression'), { maxLength: 2 }),
    tie('expression').map((value) => ({ $literal: value })),
    fc
      .tuple(tie('expression'), fc.constantFrom('$gt', '$eq'), fc.constantFrom<unknown>('$$this', '$$ROOT.a'), scalar)
      .map(([input, operator, element, value]) => ({ $filter: { input, cond: { [operator]: [element, value] } } })),
    fc
      .tuple(tie('expression'), fc.constantFrom<unknown>('$$one', { got: '$$one' }, '$a'))
      .map(([input, body]) => ({ $map: { input, as: 'one', in: body } })),
  ),
}));

/** The value, or that there is an error: which one is told depends on what is evaluated first. */
function outcome(evaluate: () => unknown): unknown {
  try {
    return { value: evaluate() };
  } catch {
    return 'an error';
  }
}

describe('a compiled expression', () => {
  it('has the value that mingo finds, document after document', () => {
    const options = evaluationOptions({ given: { k: 1 } });
    fc.assert(
      fc.property(expression, fc.array(document, { minLength: 1, maxLength: 3 }), (source, documents) => {
        const compiled = compileExpression(source, options);
        for (const each of documents) {
          expect(outcome(() => compiled(each))).toEqual(outcome(() => evalExpr(each, source, options)));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('finds nothing below what is no document', () => {
    const compiled = compileExpression(
      { $filter: { input: '$a', cond: { $eq: ['$$this.v', 1] } } },
      evaluationOptions({}),
    );
    expect(compiled({ a: [1, { v: 1 }, 'v', null] })).toEqual([{ v: 1 }]);
  });
});
