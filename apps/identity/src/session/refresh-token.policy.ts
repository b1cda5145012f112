import { createHash, createHmac } from 'node:crypto';

/**
 * How long a used refresh token is still answered, with what it was changed for, so that a client whose answer got lost
 * or who asked twice at once stays signed in. Later it is taken for stolen.
 */
export const REUSE_GRACE_MS = 30_000;

/** What is kept of a token: who reads the database can't use it. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('base64url');

/**
 * The token that another is changed for. It follows from the old one, which is not kept, and a salt, which is: whoever
 * has the old one can be told the same again, and nobody else can.
 */
export const successorOf = (token: string, salt: string): string =>
  createHmac('sha256', token).update(salt).digest('base64url');

/** A token that was changed for another at rotatedAt comes again. */
export const isReuseTolerated = (rotatedAt: Date, now: Date): boolean =>
  now.getTime() - rotatedAt.getTime() <= REUSE_GRACE_MS;
