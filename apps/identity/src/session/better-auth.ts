import { randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { mongodbAdapter } from 'better-auth/adapters/mongodb';
import type { Connection } from 'mongoose';
import { typeIds, type IdPrefix } from '#contracts';

/** Refresh tokens live this long after their last use. */
export const REFRESH_TOKEN_SECONDS = 30 * 24 * 60 * 60;

const PREFIXES: Readonly<Record<string, IdPrefix>> = { user: 'account', session: 'session', account: 'credential' };

/**
 * better-auth over the service's database: users, their credentials (scrypt) and sessions. Only its inner context is
 * used, none of its HTTP, so neither secret nor address of it are ever told to anybody.
 *
 * The adapter gets no client: with one it uses transactions, which not every server has.
 */
export function createBetterAuth(connection: Connection) {
  if (!connection.db) throw new Error('The database is not connected');
  return betterAuth({
    database: mongodbAdapter(connection.db),
    secret: randomBytes(32).toString('base64'),
    baseURL: 'http://127.0.0.1',
    emailAndPassword: { enabled: true },
    session: { expiresIn: REFRESH_TOKEN_SECONDS },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    user: {
      additionalFields: {
        wantedHandle: { type: 'string', required: false, input: false },
        /** Hash of the client's key, by which a sign-up that is repeated finds what it made. */
        signUpKey: { type: 'string', required: false, input: false },
        /** True until the person's account aggregate is there. */
        accountPending: { type: 'boolean', required: false, input: false },
      },
    },
    advanced: { database: { generateId: ({ model }) => typeIds.next(PREFIXES[model] ?? 'request') } },
  });
}

export type BetterAuthContext = Awaited<ReturnType<typeof createBetterAuth>['$context']>;
