import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema, parse, type OperationDefinitionNode } from 'graphql';
import { measure, type Measured } from './limits.js';

const schema = buildSchema(`
  type Query { node: Node list(first: Int): NodeConnection }
  type NodeConnection { nodes: [Node!]! }
  type Node { id: ID! node: Node plain: [Node!]! list(first: Int): NodeConnection }
`);
const measured = (query: string): Measured => {
  const document = parse(query);
  return measure(schema, document, document.definitions[0] as OperationDefinitionNode);
};

describe('the measure of an operation', () => {
  test('is as deep as its fields', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (depth) => {
        expect(measured(`{ ${'node { '.repeat(depth)} id ${'}'.repeat(depth)} }`).depth).toBe(depth + 1);
      }),
    );
  });

  test('grows in proportion to each page, given or in a variable', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (outer, inner) => {
        const given = measured(`{ list(first: ${outer}) { nodes { list(first: ${inner}) { nodes { id } } } } }`);
        const variable = measured(
          'query Q($o: Int, $i: Int) { list(first: $o) { nodes { list(first: $i) { nodes { id } } } } }',
        );

        expect(given.cost({})).toBe(5 + outer * (1 + 5 + inner));
        expect(variable.cost({ o: outer, i: inner })).toBe(given.cost({}));
      }),
    );
  });

  test('takes a page for the default one without a number', () => {
    const { cost } = measured('query Q($o: Int) { list(first: $o) { nodes { id } } }');

    expect([cost({}), cost({ o: null }), cost({ o: 'x' }), cost({ o: Infinity })]).toEqual([25, 25, 25, 25]);
  });

  test('counts fragments wherever they are spread, in time that their text decides', () => {
    const bomb = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Node { a: node { ...F${i + 1} } b: node { ...F${i + 1} } }`,
    );

    const { cost, depth, aliases } = measured(`{ node { ...F0 } } ${bomb.join('\n')} fragment F60 on Node { id }`);

    expect(depth).toBe(62);
    expect(cost({})).toBeGreaterThan(2 ** 59);
    expect(aliases).toBeGreaterThan(50);
  });

  test('ends for fragments that hold each other', () => {
    expect(measured('{ node { ...A } } fragment A on Node { ...B } fragment B on Node { node { ...A } }').depth).toBe(
      2,
    );
  });

  test('leaves introspection out', () => {
    const { cost, depth } = measured('{ __schema { types { fields { type { ofType { ofType { name } } } } } } }');

    expect([cost({}), depth]).toEqual([0, 0]);
  });
});
