import { describe, expect, test } from '@jest/globals';
import { CountryCode } from './country.js';

describe('a country', () => {
  test.each(['DE', 'JP', 'US', 'XK'])('%s is one', (code) => expect(CountryCode.safeParse(code).success).toBe(true));

  test.each(['XX', 'ZZ', 'QQ', 'de', 'DEU', 'Germany', 'D', ''])('«%s» is none', (code) => {
    expect(CountryCode.safeParse(code).error?.issues).toMatchObject([
      { message: 'is not an ISO 3166-1 alpha-2 country' },
    ]);
  });
});
