import { expect, test } from '@jest/globals';
import { isReuseTolerated, REUSE_GRACE_MS, successorOf, tokenHash } from './refresh-token.policy.js';

test('the successor of a token is the same for the same salt, and another for another token or salt', () => {
  const next = successorOf('one', 'salt');
  expect(successorOf('one', 'salt')).toBe(next);
  expect(new Set([next, successorOf('two', 'salt'), successorOf('one', 'pepper'), 'one']).size).toBe(4);
  expect(next).toMatch(/^[\w-]{43}$/);
});

test('what is kept of a token does not tell the token or its successor', () => {
  expect(tokenHash('one')).not.toBe('one');
  expect(successorOf(tokenHash('one'), 'salt')).not.toBe(successorOf('one', 'salt'));
});

test('a used token is tolerated for half a minute', () => {
  const rotatedAt = new Date('2026-01-01T00:00:00Z');
  const after = (ms: number): Date => new Date(rotatedAt.getTime() + ms);
  expect(isReuseTolerated(rotatedAt, after(0))).toBe(true);
  expect(isReuseTolerated(rotatedAt, after(REUSE_GRACE_MS))).toBe(true);
  expect(isReuseTolerated(rotatedAt, after(REUSE_GRACE_MS + 1))).toBe(false);
});
