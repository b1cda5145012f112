import { errors, importJWK, jwtVerify, type CryptoKey, type JWTHeaderParameters } from 'jose';
import { AccessTokenClaims, type JsonWebKeySetView } from '#contracts';
import type { Caller } from './caller.js';
import type { Clock } from './clock.js';
import { UnauthenticatedError } from './service-errors.js';

/** The one algorithm that access tokens are signed with: a token can't choose a weaker one. */
export const TOKEN_ALGORITHM = 'ES256';

/** Who issues the tokens of a deployment. */
export const tokenIssuer = (namespace: string): string => `grapevine:${namespace}`;

const REFETCH_EVERY_MS = 10_000;
const KEYS_GOOD_FOR_MS = 10 * 60_000;
const TOKENS_KEPT = 10_000;

interface Options {
  readonly issuer: string;
  readonly clock: Clock;
  /** Asks `identity.jwks`. */
  fetchKeys(): Promise<JsonWebKeySetView>;
}

/** Checks access tokens by the public keys of the identity service, which it keeps and asks for again when needed. */
export class TokenVerifier {
  private readonly verified = new Map<string, { caller: Caller; expiresAtMs: number }>();
  private keys = new Map<string, Promise<CryptoKey | Uint8Array>>();
  private fetchedAtMs = -Infinity;
  private fetching?: Promise<void>;

  constructor(private readonly options: Options) {}

  /** Errors: UnauthenticatedError; ServiceUnavailableError when there are no keys and identity does not answer. */
  async verify(token: string): Promise<Caller> {
    const nowMs = this.options.clock.now().getTime();
    const known = this.verified.get(token);
    if (known && known.expiresAtMs > nowMs) return this.remember(token, known).caller;
    this.verified.delete(token);
    const claims = await this.check(token);
    const caller: Caller = {
      accountId: claims.sub,
      profileId: claims.pid,
      roles: claims.roles,
      merchantIds: claims.merchants,
      sessionId: claims.sid,
    };
    return this.remember(token, { caller, expiresAtMs: claims.exp * 1000 }).caller;
  }

  private async check(token: string): Promise<AccessTokenClaims> {
    try {
      const { payload } = await jwtVerify(token, (header) => this.keyFor(header), {
        algorithms: [TOKEN_ALGORITHM],
        issuer: this.options.issuer,
        requiredClaims: ['exp'],
        currentDate: this.options.clock.now(),
      });
      const claims = AccessTokenClaims.safeParse(payload);
      if (claims.success) return claims.data;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new UnauthenticatedError('The access token has expired');
      if (!(error instanceof errors.JOSEError || error instanceof UnauthenticatedError)) throw error;
    }
    throw new UnauthenticatedError('The access token is not valid');
  }

  private async keyFor({ kid }: JWTHeaderParameters): Promise<CryptoKey | Uint8Array> {
    if (!kid) throw new UnauthenticatedError();
    const ageMs = this.options.clock.now().getTime() - this.fetchedAtMs;
    // Unknown keys come with every forged token: identity must not be asked about each of them.
    const isStale = this.keys.has(kid) ? ageMs > KEYS_GOOD_FOR_MS : ageMs > REFETCH_EVERY_MS;
    if (isStale) await this.refetch(kid);
    const key = this.keys.get(kid);
    if (!key) throw new UnauthenticatedError();
    return key;
  }

  /** One question for all who wait. A known key stays good while identity does not answer. */
  private async refetch(kid: string): Promise<void> {
    this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
    try {
      await this.fetching;
    } catch (error) {
      if (!this.keys.has(kid)) throw error;
    }
  }

  private async fetch(): Promise<void> {
    const { keys } = await this.options.fetchKeys();
    this.keys = new Map(keys.map((key) => [key.kid, importJWK(key, TOKEN_ALGORITHM)]));
    this.fetchedAtMs = this.options.clock.now().getTime();
  }

  /** The least recently used goes first. */
  private remember<Entry extends { caller: Caller; expiresAtMs: number }>(token: string, entry: Entry): Entry {
    this.verified.delete(token);
    this.verified.set(token, entry);
    const oldest = this.verified.keys().next();
    if (this.verified.size > TOKENS_KEPT && !oldest.done) this.verified.delete(oldest.value);
    return entry;
  }
}
