import { z } from 'zod';
import { ServiceConfig } from '#service-kit';
import { DEFAULT_HOLD_TIMES } from './stock/hold-times.js';

const milliseconds = (variable: string, byDefault: number) =>
  z.coerce.number().int('is not a whole number').min(1, 'is less than 1').default(byDefault).meta({ env: variable });

/** What the service takes from its environment, beside what every service does. */
export const CatalogConfig = ServiceConfig.extend({
  sweepMs: milliseconds('CATALOG_SWEEP_MS', DEFAULT_HOLD_TIMES.sweepMs),
  forgetAfterMs: milliseconds('CATALOG_FORGET_AFTER_MS', DEFAULT_HOLD_TIMES.forgetAfterMs),
});
export type CatalogConfig = z.infer<typeof CatalogConfig>;

export const environment = process.env;
