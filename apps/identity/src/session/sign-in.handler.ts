import { Injectable } from '@nestjs/common';
import type { InputOf, OutputOf, SignIn } from '#contracts';
import { AccountRepository } from '../account/account.repository.js';
import { OpenPendingAccounts } from './open-pending-accounts.handler.js';
import { wrongCredentials } from './session.errors.js';
import { Sessions } from './sessions.handler.js';
import { SignInAttemptRepository } from './sign-in-attempt.repository.js';
import { UserRepository } from './user.repository.js';

@Injectable()
export class SignInHandler {
  constructor(
    private readonly users: UserRepository,
    private readonly accounts: AccountRepository,
    private readonly pending: OpenPendingAccounts,
    private readonly sessions: Sessions,
    private readonly attempts: SignInAttemptRepository,
  ) {}

  /** An unknown email and a wrong password have the same answer after the same work. Errors: RateLimitedError. */
  async signIn({ password, clientAddress, ...input }: InputOf<typeof SignIn>): Promise<OutputOf<typeof SignIn>> {
    const email = input.email.trim().toLowerCase();
    const trier = { email, clientAddress };
    await this.attempts.take(trier);
    const user = await this.users.findByEmail(email);
    const isRight = await this.users.isPasswordOf(user, password);
    if (!user || !isRight) return wrongCredentials();
    await this.attempts.giveBack(trier);
    // The account may be missing for a moment, when its sign-up was cut off.
    const account = (await this.accounts.find(user.id)) ?? (await this.pending.open(user));
    return account ? this.sessions.start(account) : wrongCredentials();
  }
}
