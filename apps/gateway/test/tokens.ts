import { errors, jwtVerify, SignJWT } from 'jose';
import { UnauthenticatedError, type Caller } from '#service-kit';
import type { VerifiesTokens } from '../src/context/visitor.js';
import { id } from './builders.js';

const KEY = new TextEncoder().encode('a key for tests that nobody else has');

/** An access token of a person, good for so many seconds. */
export const tokenOf = (handle: string, seconds = 900): Promise<string> =>
  new SignJWT({ handle })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(KEY);

export const testTokens: VerifiesTokens = {
  async verify(token: string): Promise<Caller> {
    try {
      const { payload } = await jwtVerify(token, KEY);
      const handle = String(payload['handle']);
      return {
        accountId: id('account', handle),
        profileId: id('profile', handle),
        roles: ['customer'],
        merchantIds: [],
        sessionId: 'session',
      };
    } catch (error) {
      throw new UnauthenticatedError(
        error instanceof errors.JWTExpired ? 'The access token has expired' : 'The access token is not valid',
      );
    }
  },
};
