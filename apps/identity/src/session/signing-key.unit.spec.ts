import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ACCESS_TOKEN_MS, isRotationDue, publishedKeysAt, signingKeyAt, type SigningKey } from './signing-key.js';

const DAY_MS = 86_400_000;
const start = Date.parse('2026-01-01T00:00:00Z');
const key = (kid: string, createdAtMs: number): SigningKey => ({
  kid,
  createdAt: new Date(createdAtMs),
  publicJwk: { kid, kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', x: '', y: '' },
  privateJwk: {},
});
const names = (keys: readonly SigningKey[]): string[] => keys.map(({ kid }) => kid);

describe('the keys of access tokens', () => {
  test('the first signs at once', () => {
    expect(signingKeyAt([key('one', start)], new Date(start))?.kid).toBe('one');
    expect(signingKeyAt([], new Date(start))).toBeUndefined();
  });

  test('the next signs a minute after it was published, and the one before stays while its tokens live', () => {
    const keys = [key('one', start), key('two', start + DAY_MS)];
    const after = (ms: number): Date => new Date(start + DAY_MS + ms);
    expect(signingKeyAt(keys, after(59_999))?.kid).toBe('one');
    expect(signingKeyAt(keys, after(60_000))?.kid).toBe('two');
    expect(names(publishedKeysAt(keys, after(0)))).toEqual(['two', 'one']);
    expect(names(publishedKeysAt(keys, after(60_000 + ACCESS_TOKEN_MS - 1)))).toEqual(['two', 'one']);
    expect(names(publishedKeysAt(keys, after(60_000 + ACCESS_TOKEN_MS)))).toEqual(['two']);
  });

  test('whatever was signed with is published for as long as the token lives', () => {
    const ages = fc.uniqueArray(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 6 });
    const moments = fc.tuple(fc.integer({ min: 0, max: 20_000_000 }), fc.integer({ min: 0, max: ACCESS_TOKEN_MS - 1 }));
    fc.assert(
      fc.property(ages, moments, (offsets, [signedMs, ageMs]) => {
        const all = offsets.map((offset) => key(String(offset), start + offset));
        const known = (ms: number): SigningKey[] => all.filter(({ createdAt }) => createdAt.getTime() <= ms);
        const signed = signingKeyAt(known(start + signedMs), new Date(start + signedMs));
        fc.pre(signed !== undefined);
        const checkedMs = start + signedMs + ageMs;
        expect(names(publishedKeysAt(known(checkedMs), new Date(checkedMs)))).toContain(signed?.kid);
      }),
    );
  });

  test('a new one is due when there is none or the newest is old', () => {
    expect(isRotationDue([], new Date(start), DAY_MS)).toBe(true);
    expect(isRotationDue([key('one', start)], new Date(start + DAY_MS - 1), DAY_MS)).toBe(false);
    expect(isRotationDue([key('one', start)], new Date(start + DAY_MS), DAY_MS)).toBe(true);
  });
});
