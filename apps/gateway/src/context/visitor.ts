import { decodeJwt } from 'jose';
import { UnauthenticatedError, type Caller } from '#service-kit';

/** Who sends a request, as far as it says. */
export interface Visitor {
  /** Null without a token, or with one that is not good. */
  readonly caller: Caller | null;
  readonly token?: string;
  /** When the token stops being good, in milliseconds since 1970. */
  readonly expiresAtMs?: number;
  /** Why the token that was sent is not good: such a visitor may sign in or refresh, and nothing else. */
  readonly problem?: Error;
  /** Address of the client; the limits on sign-in count by it. */
  readonly address: string;
}

export interface VerifiesTokens {
  /** Errors: UnauthenticatedError; ServiceUnavailableError when no key is known. */
  verify(token: string): Promise<Caller>;
}

const BEARER = /^Bearer +(\S+) *$/i;

/** Reads `Authorization: Bearer TOKEN`. A bad token makes a visitor with a problem, never an exception. */
export async function visitorOf(
  authorization: string | undefined,
  address: string,
  tokens: VerifiesTokens,
): Promise<Visitor> {
  if (!authorization) return { caller: null, address };
  const token = BEARER.exec(authorization)?.[1];
  if (!token) {
    const problem = new UnauthenticatedError('The Authorization header is not of the form «Bearer TOKEN»');
    return { caller: null, problem, address };
  }
  try {
    const caller = await tokens.verify(token);
    return { caller, token, expiresAtMs: expiryOf(token), address };
  } catch (error) {
    const problem = error instanceof Error ? error : new UnauthenticatedError();
    return { caller: null, problem, address };
  }
}

/** Of a token that was verified before. */
function expiryOf(token: string): number {
  return (decodeJwt(token).exp ?? 0) * 1000;
}
