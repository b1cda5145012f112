import { z } from 'zod';

const REGIONS = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const UNKNOWN = 'ZZ';

/**
 * ISO 3166-1 alpha-2, as far as Node.js knows it. For what is given: an address that was taken once is shown by two
 * letters alone, as countries come and go.
 */
export const CountryCode = z
  .string()
  .refine(
    (code) => /^[A-Z]{2}$/.test(code) && code !== UNKNOWN && REGIONS.of(code) !== undefined,
    'is not an ISO 3166-1 alpha-2 country',
  );
