import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { InputOf, OutputOf, RefreshSession } from '#contracts';
import type { Stored } from '#persistence';
import { Clock } from '#service-kit';
import { viewerView, type AccountState } from '../account/account.js';
import { AccountRepository } from '../account/account.repository.js';
import { AccessTokens } from './access-token.handler.js';
import { REFRESH_TOKEN_SECONDS } from './better-auth.js';
import { wrongCredentials, type SessionResult } from './session.errors.js';
import { UserRepository, type Session } from './user.repository.js';

/** Starts and goes on with sessions. */
@Injectable()
export class Sessions {
  constructor(
    private readonly users: UserRepository,
    private readonly accounts: AccountRepository,
    private readonly accessTokens: AccessTokens,
    private readonly clock: Clock,
  ) {}

  async start(account: Stored<AccountState>): Promise<SessionResult> {
    return this.describe(account, await this.users.startSession(account.id));
  }

  async refresh({ refreshToken }: InputOf<typeof RefreshSession>): Promise<OutputOf<typeof RefreshSession>> {
    const now = this.clock.now();
    const next = {
      token: randomBytes(32).toString('base64url'),
      expiresAt: new Date(now.getTime() + REFRESH_TOKEN_SECONDS * 1000),
    };
    const session = await this.users.rotateSession(refreshToken, now, next);
    const account = session && (await this.accounts.find(session.userId));
    return account ? this.describe(account, session) : wrongCredentials('This refresh token is not good any more');
  }

  private async describe(account: Stored<AccountState>, session: Session): Promise<SessionResult> {
    const { accessToken, expiresAt } = await this.accessTokens.sign(account.id, account.state, session.id);
    return {
      __typename: 'Session',
      accessToken,
      accessTokenExpiresAt: expiresAt.toISOString(),
      refreshToken: session.token,
      viewer: viewerView(account.id, account.state),
    };
  }
}
