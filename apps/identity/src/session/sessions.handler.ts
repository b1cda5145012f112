import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { InputOf, OutputOf, RefreshSession } from '#contracts';
import type { Stored } from '#persistence';
import { Clock } from '#service-kit';
import { viewerView, type AccountState } from '../account/account.js';
import { AccountRepository } from '../account/account.repository.js';
import { AccessTokens } from './access-token.handler.js';
import { isReuseTolerated, successorOf, tokenHash } from './refresh-token.policy.js';
import { wrongCredentials, type SessionResult } from './session.errors.js';
import { SessionRepository } from './session.repository.js';

/** Refresh tokens live this long after their last use. */
const REFRESH_TOKEN_MS = 30 * 24 * 60 * 60_000;

const randomText = (): string => randomBytes(32).toString('base64url');
const endOf = (now: Date): Date => new Date(now.getTime() + REFRESH_TOKEN_MS);

/** Starts and goes on with sessions. */
@Injectable()
export class Sessions {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly accounts: AccountRepository,
    private readonly accessTokens: AccessTokens,
    private readonly clock: Clock,
  ) {}

  async start(account: Stored<AccountState>): Promise<SessionResult> {
    const now = this.clock.now();
    const refreshToken = randomText();
    const { id } = await this.sessions.start(account.id, tokenHash(refreshToken), now, endOf(now));
    return this.describe(account, id, refreshToken);
  }

  async refresh({ refreshToken }: InputOf<typeof RefreshSession>): Promise<OutputOf<typeof RefreshSession>> {
    const at = this.clock.now();
    const salt = randomText();
    const next = successorOf(refreshToken, salt);
    const from = tokenHash(refreshToken);
    const session = await this.sessions.rotate({ from, to: tokenHash(next), salt, at, expiresAt: endOf(at) });
    return session ? this.goOn(session.userId, session.id, next) : this.refreshAgain(refreshToken, at);
  }

  /**
   * The token is no session's present one. Where it was changed just now, the answer may have been lost: the same answer
   * again. Where that is long ago, one of two holds a stolen token, and nobody can tell which: the session ends (RFC
   * 9700, 4.14.2).
   */
  private async refreshAgain(refreshToken: string, now: Date): Promise<OutputOf<typeof RefreshSession>> {
    const session = await this.sessions.findByPreviousToken(tokenHash(refreshToken));
    if (!session?.rotatedAt || !session.rotationSalt) return notGood();
    if (isReuseTolerated(session.rotatedAt, now))
      return this.goOn(session.userId, session.id, successorOf(refreshToken, session.rotationSalt));
    await this.sessions.end(session.id);
    return notGood();
  }

  private async goOn(accountId: string, sessionId: string, refreshToken: string): Promise<SessionResult | NotGood> {
    const account = await this.accounts.find(accountId);
    return account ? this.describe(account, sessionId, refreshToken) : notGood();
  }

  private async describe(
    account: Stored<AccountState>,
    sessionId: string,
    refreshToken: string,
  ): Promise<SessionResult> {
    const { accessToken, expiresAt } = await this.accessTokens.sign(account.id, account.state, sessionId);
    return {
      __typename: 'Session',
      accessToken,
      accessTokenExpiresAt: expiresAt.toISOString(),
      refreshToken,
      viewer: viewerView(account.id, account.state),
    };
  }
}

type NotGood = ReturnType<typeof wrongCredentials>;
const notGood = (): NotGood => wrongCredentials('This refresh token is not good any more');
