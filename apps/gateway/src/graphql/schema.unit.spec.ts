import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, parse, printSchema } from 'graphql';
import { contractProblems, undescribed } from './contract.policy.js';
import { ownershipProblems } from './ownership.policy.js';
import { composeSchema } from './schema.js';
import { composeSdl, readSlices, type Slice } from './slices.js';

const ROOT = join(import.meta.dirname, '../../../..');
const contract = readFileSync(join(ROOT, 'apps/gateway/api.contract.graphql'), 'utf8');
const slice = (name: string, sdl: string): Slice => ({ name, document: parse(sdl) });

describe('the composed API', () => {
  test('is what is committed', () => {
    expect(composeSdl(readSlices())).toBe(readFileSync(join(ROOT, 'schema.graphql'), 'utf8'));
  });

  test('holds its contract, describes everything and owns everything once', () => {
    const schema = composeSchema();

    expect(contractProblems(contract, schema)).toEqual([]);
    expect(undescribed(schema)).toEqual([]);
    expect(ownershipProblems(readSlices())).toEqual([]);
  });

  test('is what runs', () => {
    expect(`${printSchema(composeSchema())}\n`).toBe(composeSdl(readSlices()));
  });

  test('says nothing of federation', () => {
    expect(composeSdl(readSlices())).not.toMatch(/@key|@external|extend /);
  });
});

describe('a contract', () => {
  const CONTRACT = 'type Query { "Some." a(x: Int = 1): String b: Int! } input I { y: Int! = 2 }';
  const problemsOf = (sdl: string) => contractProblems(CONTRACT, buildSchema(sdl));

  test('is kept by what adds to it', () => {
    expect(
      problemsOf('type Query { "Some. More." a(x: Int = 1): String b: Int! c: Int } input I { y: Int! = 2 z: Int }'),
    ).toEqual([]);
  });

  test.each([
    ['a field less', 'type Query { "Some." a(x: Int = 1): String } input I { y: Int! = 2 }'],
    ['a field that may be null now', 'type Query { "Some." a(x: Int = 1): String b: Int } input I { y: Int! = 2 }'],
    [
      'a field that may not be null any more',
      'type Query { "Some." a(x: Int = 1): String! b: Int! } input I { y: Int! = 2 }',
    ],
    ['another default', 'type Query { "Some." a(x: Int = 2): String b: Int! } input I { y: Int! = 2 }'],
    ['another default in an input', 'type Query { "Some." a(x: Int = 1): String b: Int! } input I { y: Int! = 3 }'],
    [
      'a required field more in an input',
      'type Query { "Some." a(x: Int = 1): String b: Int! } input I { y: Int! = 2 z: Int! }',
    ],
    ['another description', 'type Query { "Other." a(x: Int = 1): String b: Int! } input I { y: Int! = 2 }'],
  ])('is broken by %s', (_, sdl) => {
    expect(problemsOf(sdl)).not.toEqual([]);
  });
});

describe('ownership', () => {
  const SHARED = slice('shared', 'type Query { ok: Boolean }');
  const A = slice('a', 'type T @key(fields: "id") { id: ID! } type V { x: Int } extend type Query { t: T v: V }');

  test('allows a slice to add fields to an entity of another', () => {
    const b = slice('b', 'extend type T @key(fields: "id") { id: ID! @external more: Int }');

    expect(ownershipProblems([SHARED, A, b])).toEqual([]);
  });

  test.each([
    ['a type that has an owner already', 'type T @key(fields: "id") { id: ID! }', 'owned by a already'],
    ['a field that has an answer already', 'extend type Query { v: Int }', 'answered by a already'],
    ['more fields for what is no entity', 'extend type V { y: Int }', 'has no @key'],
    ['an entity without its key', 'extend type T { y: Int }', 'lacks @key'],
    ['a key that it does not mark as external', 'extend type T @key(fields: "id") { y: Int }', 'lacks @key'],
    ['a type that it does not declare', 'extend type Query { w: T }', 'Unknown type'],
    ['a type that nobody has', 'extend type W { y: Int }', 'nobody owns'],
  ])('refuses %s', (_, sdl, problem) => {
    expect(ownershipProblems([SHARED, A, slice('b', sdl)]).join('\n')).toContain(problem);
  });
});
