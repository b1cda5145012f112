import { describe, expect, test } from '@jest/globals';
import { buildSchema, getOperationAST, parse } from 'graphql';
import { withInputDefaults } from './input-defaults.js';

const schema = buildSchema(`
  enum Kind { IMAGE VIDEO }
  input Media { url: String!, kind: Kind! = IMAGE }
  input Post { text: String! = "", media: [Media!]! = [], cover: Media }
  type Query { post(input: Post!, many: [Post!]): Int }
`);
const operation = getOperationAST(
  parse('query ($input: Post!, $many: [Post!], $n: Int) { post(input: $input, many: $many) }'),
);
const complete = (variables: Record<string, unknown>) =>
  operation ? withInputDefaults(schema, operation, variables) : undefined;

describe('defaults of input fields', () => {
  test('stand in for what was left out, at every depth', () => {
    expect(complete({ input: { media: [{ url: 'a' }, { url: 'b', kind: 'VIDEO' }], cover: { url: 'c' } } })).toEqual({
      input: {
        text: '',
        media: [
          { url: 'a', kind: 'IMAGE' },
          { url: 'b', kind: 'VIDEO' },
        ],
        cover: { url: 'c', kind: 'IMAGE' },
      },
    });
  });

  test('leave alone what was given, also what is wrong', () => {
    const wrong = { input: { text: null, media: 'none', other: 1 }, many: [3, null, { text: 'x' }], n: 'one' };
    expect(complete(wrong)).toEqual({ ...wrong, many: [3, null, { text: 'x', media: [] }] });
    expect(complete({ input: null })).toEqual({ input: null });
    expect(complete({})).toEqual({});
  });
});
