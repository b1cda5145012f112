import { randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth/minimal';
import { mongodbAdapter } from 'better-auth/adapters/mongodb';
import type { Connection } from 'mongoose';
import { typeIds, type IdPrefix } from '#contracts';

/** Token of better-auth's inner context. */
export const BETTER_AUTH = Symbol('BETTER_AUTH');

const PREFIXES: Readonly<Record<string, IdPrefix>> = { user: 'account', session: 'session', account: 'credential' };

const hidden = (type: 'string' | 'boolean' | 'date') => ({ type, required: false, input: false }) as const;
const additionalFields = {
  user: {
    wantedHandle: hidden('string'),
    /** Hash of the client's key, by which a sign-up that is repeated finds what it made. */
    signUpKey: hidden('string'),
    /** True until the person's account aggregate is there. */
    accountPending: hidden('boolean'),
    /** True when somebody else than the sign-up that made the user opens its account: it can't be taken back then. */
    accountClaimed: hidden('boolean'),
  },
  session: {
    /** Hash of the refresh token that the present one was given for. */
    previousToken: hidden('string'),
    /** The present token follows from the previous one and this. */
    rotationSalt: hidden('string'),
    rotatedAt: hidden('date'),
  },
} as const;

/**
 * better-auth over the service's database: users, their credentials (scrypt) and sessions. Only its inner context is
 * used, none of its HTTP, so neither secret nor address of it are ever told to anybody.
 *
 * The adapter gets no client: with one it uses transactions, which not every server has.
 */
function createBetterAuth(connection: Connection) {
  if (!connection.db) throw new Error('The database is not connected');
  return betterAuth({
    database: mongodbAdapter(connection.db),
    secret: randomBytes(32).toString('base64'),
    baseURL: 'http://127.0.0.1',
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    user: { additionalFields: additionalFields.user },
    session: { additionalFields: additionalFields.session },
    advanced: { database: { generateId: ({ model }) => typeIds.next(PREFIXES[model] ?? 'request') } },
  });
}

export type BetterAuthContext = Awaited<ReturnType<typeof createBetterAuth>['$context']>;

/**
 * better-auth makes indexes too, under these names, but beside the first requests: emails must be unique from the first
 * one on.
 */
async function makeIndexes(connection: Connection): Promise<void> {
  const user = connection.collection('user');
  await user.createIndex({ email: 1 }, { name: 'user_email_uidx', unique: true });
  const pending = { accountPending: true };
  await user.createIndex({ accountPending: 1, createdAt: 1 }, { partialFilterExpression: pending });
  await connection.collection('account').createIndex({ userId: 1 }, { name: 'account_userId_idx' });
  const session = connection.collection('session');
  await session.createIndex({ token: 1 }, { name: 'session_token_uidx', unique: true });
  await session.createIndex({ previousToken: 1 });
  await session.createIndex({ userId: 1 }, { name: 'session_userId_idx' });
  await session.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
}

/** better-auth's inner context, once its indexes are there. */
export async function openBetterAuth(connection: Connection): Promise<BetterAuthContext> {
  await makeIndexes(connection);
  return createBetterAuth(connection).$context;
}
