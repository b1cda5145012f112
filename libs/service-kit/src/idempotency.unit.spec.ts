import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashInput, judge, recordId, type IdempotencyRecord } from './idempotency.js';

const now = new Date('2026-01-01T00:00:00Z');
const later = (ms: number): Date => new Date(now.getTime() + ms);
const record = (changes: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  _id: 'id',
  inputHash: 'hash',
  commandId: 'command',
  at: now,
  run: 1,
  leaseUntil: later(10_000),
  expiresAt: later(86_400_000),
  ...changes,
});

describe('what a record means', () => {
  test.each([
    ['its result is given again', record({ result: '1' }), 'hash', 'answer'],
    ['another input is a conflict', record({ result: '1' }), 'other', 'conflict'],
    ['another input is a conflict while the first runs', record(), 'other', 'conflict'],
    ['who comes while it runs waits', record(), 'hash', 'wait'],
    ['a run that died is done again', record({ leaseUntil: later(-1) }), 'hash', 'run-again'],
    ['after 24 h the key is free', record({ result: '1', expiresAt: now }), 'other', 'forget'],
  ] as const)('%s', (_title, kept, inputHash, kind) => {
    expect(judge(kept, inputHash, now).kind).toBe(kind);
  });
});

const asSent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the hash of an input', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).toReversed();
    return Object.fromEntries(entries.map(([key, part]) => [key, shuffled(part)]));
  };

  test('does not depend on the order of keys', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => hashInput(shuffled(value)) === hashInput(value)));
  });

  test('tells different inputs apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        fc.pre(!isDeepStrictEqual(asSent(left), asSent(right)));
        expect(hashInput(left)).not.toBe(hashInput(right));
      }),
    );
    expect(hashInput({ a: ['1', '2'] })).not.toBe(hashInput({ a: ['1,2'] }));
    expect(hashInput({ a: 1 })).not.toBe(hashInput({ a: '1' }));
  });

  test('takes undefined for absent', () => {
    expect(hashInput({ a: 1, b: undefined })).toBe(hashInput({ a: 1 }));
  });
});

test('the parts of a record id do not run into each other', () => {
  expect(recordId('a', 'b', 'cd')).not.toBe(recordId('a', 'bc', 'd'));
});
