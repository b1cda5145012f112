import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AccountCreated, AccountGranted, AccountRevoked, PersonHandle } from '#contracts';
import { cleanName, give, openAccount, take, type AccountState, type Grant } from './account.js';
import { handleBase, handleCandidates } from './handle.policy.js';

const accountId = 'account_01m84gm0f0f25a4d8x22mf2yaw';
const person = { accountId, email: 'cleo@example.com', name: 'Cleo', createdAt: new Date('2026-01-01T00:00:00Z') };
const merchantId = 'merchant_01m84gm0f0f25a4d8x22mf2yaw';
const platform: Grant = { grant: 'platform' };
const staff: Grant = { grant: 'merchant-staff', merchantId };

describe('opening an account', () => {
  test('is published with its profile, and is the same when done again', () => {
    const first = openAccount(person, 'cleo');
    expect(AccountCreated.schema.parse(first.events[0]?.data)).toEqual({
      accountId,
      profileId: first.state.profileId,
      name: 'Cleo',
      handle: 'cleo',
    });
    expect(openAccount(person, 'cleo')).toEqual(first);
  });
});

describe('grants', () => {
  const grants = fc.array(
    fc.record({ grant: fc.constantFrom(platform, staff), kind: fc.constantFrom('give' as const, 'take' as const) }),
  );

  test('the account holds what was given last, once, and each change is told', () => {
    fc.assert(
      fc.property(grants, (steps) => {
        let state: AccountState = openAccount(person, 'cleo').state;
        const held = new Set<Grant>();
        for (const { grant, kind } of steps) {
          const change = kind === 'give' ? give(accountId, state, grant) : take(accountId, state, grant);
          expect(change !== undefined).toBe(held.has(grant) !== (kind === 'give'));
          if (!change) continue;
          const contract = kind === 'give' ? AccountGranted : AccountRevoked;
          expect(contract.schema.safeParse(change.events[0]?.data).success).toBe(true);
          if (kind === 'give') held.add(grant);
          else held.delete(grant);
          state = change.state;
        }
        expect(state.roles).toEqual(held.has(platform) ? ['customer', 'platform'] : ['customer']);
        expect(state.merchantIds).toEqual(held.has(staff) ? [merchantId] : []);
      }),
    );
  });
});

describe('handles made from names', () => {
  test.each([
    ['Cleo', 'cleo'],
    ['Zoë  Müller', 'zoe-muller'],
    ['  José María-Ñandú ', 'jose-maria-nandu'],
    ['王小明', 'person'],
    ['🎉', 'person'],
    ['ＣＬＥＯ', 'cleo'],
  ])('%s: %s', (name, handle) => {
    expect(handleBase(name)).toBe(handle);
  });

  test('are valid for any name, and all different', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 150 }), fc.string(), (name, seed) => {
        const candidates = [...handleCandidates(name, seed)];
        for (const handle of candidates) expect(PersonHandle.parse(handle)).toBe(handle);
        expect(new Set(candidates.slice(0, 9)).size).toBe(9);
      }),
    );
  });
});

describe('names', () => {
  test.each(['', '  ', '\u0000\u0007', '\u200b\u200d', '\u202e', '\u0301'])('%j has nothing to see', (name) => {
    expect(cleanName(name)).toBeUndefined();
  });

  test.each([
    ['  Cleo\tde\nMérode ', 'Cleo de Mérode'],
    ['Jose\u0301', 'José'],
    ['👩\u200d🚀 王小明', '👩\u200d🚀 王小明'],
    ['a\u202ebc', 'abc'],
  ])('%j is kept as %j', (name, kept) => {
    expect(cleanName(name)).toBe(kept);
  });

  test('stay the same when cleaned again, and hold no half character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const clean = cleanName(name) ?? 'x';
        expect(clean).not.toMatch(/\p{Cs}/u);
        expect(cleanName(clean)).toBe(clean);
      }),
    );
  });
});
