import { describe, expect, test } from '@jest/globals';
import { buildSchema } from 'graphql';
import { LIMITS } from './limits.js';
import { LruMap } from './lru-map.js';
import { PreparedOperations, RefusedError } from './prepared-operations.js';

const schema = buildSchema('type Query { a: Int } type Subscription { b: Int }');

const codesOf = (query: string): unknown[] => {
  try {
    new PreparedOperations(schema).prepare(query);
    return [];
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return error.errors.map(({ extensions }) => extensions['code']);
  }
};

describe('preparing', () => {
  test('happens once for each document and operation', () => {
    const operations = new PreparedOperations(schema);
    const document = 'query A { a } query B { b: a }';

    const first = operations.prepare(document, 'A');

    expect(operations.prepare(document, 'A')).toBe(first);
    expect(operations.prepare(document, 'B')).not.toBe(first);
    expect(first.compiled).toBeDefined();
  });

  test('keeps no more documents than allowed, and none that is too long', () => {
    const operations = new PreparedOperations(schema);
    for (let index = 0; index <= LIMITS.keptDocuments + 10; index++) operations.prepare(`{ a${index}: a }`);
    expect(operations.size).toBe(LIMITS.keptDocuments);

    const long = new PreparedOperations(schema);
    long.prepare(`{ a } #${' '.repeat(LIMITS.keptDocumentChars)}`);
    expect(long.size).toBe(0);
  });

  test('leaves subscriptions to graphql-js', () => {
    expect(new PreparedOperations(schema).prepare('subscription { b }').compiled).toBeUndefined();
  });

  test('tells every mistake of an invalid document', () => {
    expect(codesOf('{ x y }')).toEqual(['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_VALIDATION_FAILED']);
  });

  test.each([
    ['not GraphQL', '{', 'GRAPHQL_VALIDATION_FAILED'],
    ['too many tokens', `{ ${'a '.repeat(LIMITS.tokens)} }`, 'OPERATION_TOO_COMPLEX'],
    [
      'too deep, in an operation that is not asked for',
      `{ a } query D { ${'a { '.repeat(20)} a ${'}'.repeat(20)} }`,
      'OPERATION_TOO_COMPLEX',
    ],
    ['several operations without a name', 'query A { a } query B { a }', 'BAD_USER_INPUT'],
  ])('refuses what is %s', (_, query, code) => {
    expect(codesOf(query)).toEqual([code]);
  });
});

test('an LruMap forgets what was not used for longest', () => {
  const map = new LruMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  map.set('c', 3);

  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
});
