import { describe, expect, test } from '@jest/globals';
import { changeProfile, newProfile, profileChanged, sameProfile } from './profile.js';

const CLEO = newProfile({ accountId: 'account_01m84gm0f0f25a4d8x22mf2yaw', handle: 'cleo', name: 'Cleo' });

describe('changing a profile', () => {
  test('leaves what is not given as it is', () => {
    const withBio = changeProfile(CLEO, { bio: '灯 & lamps 💡' });
    expect(withBio).toEqual({ ...CLEO, bio: '灯 & lamps 💡' });
    expect(changeProfile(withBio, { name: 'Cléo' })).toEqual({ ...withBio, name: 'Cléo' });
    expect(sameProfile(withBio, changeProfile(withBio, {}))).toBe(true);
  });

  test('null takes bio and picture away, but not the name', () => {
    const full = changeProfile(CLEO, { bio: 'Lamps.', avatarUrl: 'https://example.org/cleo.jpg' });
    expect(changeProfile(full, { name: null, bio: null, avatarUrl: null })).toEqual(CLEO);
    expect(changeProfile(full, { bio: '' }).bio).toBeNull();
  });

  test('is told by an event that holds to its contract and carries the whole profile', () => {
    const id = 'profile_01m84gm0f0f25a4d8x22mf2yaw';
    const createdAt = new Date('2026-11-24T03:00:00.000Z');
    const { contract, data } = profileChanged(id, changeProfile(CLEO, { bio: 'Lamps.' }), createdAt);
    const told = { profileId: id, ...CLEO, bio: 'Lamps.', createdAt: createdAt.toISOString() };
    expect(contract.schema.parse(data)).toEqual(told);
  });
});
