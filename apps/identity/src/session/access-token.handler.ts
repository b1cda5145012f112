import { Inject, Injectable } from '@nestjs/common';
import { importJWK, SignJWT } from 'jose';
import type { JsonWebKeySetView } from '#contracts';
import { Clock, SERVICE_CONFIG, TOKEN_ALGORITHM, tokenIssuer } from '#service-kit';
import type { AccountState } from '../account/account.js';
import type { IdentityConfig } from '../config.js';
import { ACCESS_TOKEN_MS, publishedKeysAt, signingKeyAt } from './signing-key.js';
import { SigningKeyRepository } from './signing-key.repository.js';

export interface AccessToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/** Signs access tokens, and tells the keys to check them by. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly keys: SigningKeyRepository,
    private readonly clock: Clock,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {}

  async sign(accountId: string, account: AccountState, sessionId: string): Promise<AccessToken> {
    const now = this.clock.now();
    const key = signingKeyAt(await this.keys.all(), now);
    if (!key) throw new Error('There is no signing key');
    const expiresAt = new Date(Math.floor((now.getTime() + ACCESS_TOKEN_MS) / 1000) * 1000);
    const { profileId: pid, roles, merchantIds: merchants } = account;
    const accessToken = await new SignJWT({ pid, sid: sessionId, roles, merchants })
      .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid: key.kid, typ: 'JWT' })
      .setSubject(accountId)
      .setIssuer(tokenIssuer(this.config.namespace))
      .setIssuedAt(now)
      .setExpirationTime(expiresAt)
      .sign(await importJWK(key.privateJwk, TOKEN_ALGORITHM));
    return { accessToken, expiresAt };
  }

  async keySet(): Promise<JsonWebKeySetView> {
    const published = publishedKeysAt(await this.keys.all(), this.clock.now());
    return { keys: published.map(({ publicJwk }) => publicJwk) };
  }
}
