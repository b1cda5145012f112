import { describe, expect, test } from '@jest/globals';
import { GrantUsageError, parseGrantLine } from './grant-line.policy.js';

const merchantId = 'merchant_01m84gm0f0f25a4d8x22mf2yaw';

describe('the command line of a grant', () => {
  test('gives and takes the platform role and places on a staff', () => {
    const platform = { email: 'ana@example.com', grant: { grant: 'platform' } };
    const staff = { email: 'ana@example.com', grant: { grant: 'merchant-staff', merchantId } };
    expect(parseGrantLine(['platform', 'ana@example.com'])).toEqual({ kind: 'give', ...platform });
    expect(parseGrantLine(['revoke', 'platform', 'ana@example.com'])).toEqual({ kind: 'take', ...platform });
    expect(parseGrantLine(['staff', 'ana@example.com', merchantId])).toEqual({ kind: 'give', ...staff });
    expect(parseGrantLine(['revoke', 'staff', 'ana@example.com', merchantId])).toEqual({ kind: 'take', ...staff });
  });

  test.each([
    [[], 'What is to be granted?'],
    [['revoke'], 'What is to be granted?'],
    [['root', 'ana@example.com'], 'There is no grant root'],
    [['platform'], 'To whom?'],
    [['platform', 'ana'], 'ana is not an email address'],
    [['platform', 'ana@example.com', merchantId], 'too many words'],
    [['staff', 'ana@example.com'], 'At which merchant?'],
    [['staff', 'ana@example.com', 'lamps'], 'lamps is not the id of a merchant'],
    [['staff', 'ana@example.com', merchantId, 'now'], 'too many words'],
  ])('%j: %s', (words, problem) => {
    expect(() => parseGrantLine(words)).toThrow(GrantUsageError);
    expect(() => parseGrantLine(words)).toThrow(problem);
    expect(() => parseGrantLine(words)).toThrow('npm run grant -- platform EMAIL');
  });
});
