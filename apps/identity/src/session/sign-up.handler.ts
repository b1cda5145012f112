import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { invalidField, type InputOf, type OutputOf, type SignUp } from '#contracts';
import type { Stored } from '#persistence';
import type { OperationContext } from '#service-kit';
import { cleanName, type AccountState } from '../account/account.js';
import { AccountRepository } from '../account/account.repository.js';
import { OpenAccount } from '../account/open-account.handler.js';
import { OpenPendingAccounts } from './open-pending-accounts.handler.js';
import { emailTaken, handleTaken } from './session.errors.js';
import { Sessions } from './sessions.handler.js';
import { toPerson, UserRepository, type User } from './user.repository.js';

type Input = InputOf<typeof SignUp>;
type Result = OutputOf<typeof SignUp>;

/**
 * better-auth writes its user by itself, without an outbox, so there are two writes: the user, marked as pending, then
 * the account aggregate, which publishes. What a crash leaves in between is finished by who signs up again with the same
 * password, or by `OpenPendingAccounts`.
 */
@Injectable()
export class SignUpHandler {
  constructor(
    private readonly users: UserRepository,
    private readonly accounts: AccountRepository,
    private readonly openAccount: OpenAccount,
    private readonly pending: OpenPendingAccounts,
    private readonly sessions: Sessions,
  ) {}

  async signUp(input: Input, { at }: OperationContext): Promise<Result> {
    const name = cleanName(input.name);
    if (name === undefined) return invalidField('name', 'has nothing that can be seen');
    const known = await this.users.findByEmail(input.email);
    if (known) return this.resume(known, input);
    if (input.handle && (await this.accounts.isHandleTaken(input.handle))) return this.lose(input, handleTaken());
    const signUpKey = input.clientMutationKey ? hashOf(input.clientMutationKey) : null;
    const person = { email: input.email, name, createdAt: at, wantedHandle: input.handle ?? null, signUpKey };
    const user = await this.users.create(person, input.password);
    return user ? this.finish(user) : this.lose(input);
  }

  /** Somebody signed up with this email or handle at the same moment: perhaps this is the same client, trying again. */
  private async lose(input: Input, refusal: Result = emailTaken()): Promise<Result> {
    const winner = await this.users.findByEmail(input.email);
    return winner ? this.resume(winner, input) : refusal;
  }

  /** The same person again, whose first try got no answer; or somebody else, who is told that the email is taken. */
  private async resume(user: User, input: Input): Promise<Result> {
    const isRepeat = Boolean(input.clientMutationKey) && user.signUpKey === hashOf(input.clientMutationKey ?? '');
    if (!user.accountPending && !isRepeat) return emailTaken();
    if (!(await this.users.isPasswordOf(user, input.password))) return emailTaken();
    await this.users.claim(user.id);
    const account = await this.openAccount.withWantedHandle(toPerson(user, input.handle));
    return account ? this.start(account) : handleTaken();
  }

  private async finish(user: User): Promise<Result> {
    const account = await this.openAccount.withWantedHandle(toPerson(user));
    if (account) return this.start(account);
    // Another took the handle since it was looked for.
    if (await this.users.takeBack(user.id)) return handleTaken();
    // Too late: a second try of the same person, or the sweeper, opens the account.
    const opened = await this.pending.open(user);
    return opened ? this.sessions.start(opened) : handleTaken();
  }

  private async start(account: Stored<AccountState>): Promise<Result> {
    await this.users.markAccountOpened(account.id);
    return this.sessions.start(account);
  }
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url');
