import { z } from 'zod';
import { ServiceConfig } from '#service-kit';

export const IdentityConfig = ServiceConfig.extend({
  /** A new key for access tokens is made when the newest is this old. */
  rotateKeysAfterDays: z.coerce.number('is not a number').min(1, 'is less than 1').default(90),
  /** Failed sign-ins within 15 minutes, after which an email or a client's address has to wait. */
  signInTriesPerEmail: z.coerce.number('is not a number').int().min(1, 'is less than 1').default(10),
  signInTriesPerAddress: z.coerce.number('is not a number').int().min(1, 'is less than 1').default(100),
});
export type IdentityConfig = z.infer<typeof IdentityConfig>;

/** What the process was given. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;
