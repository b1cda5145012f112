import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { typeIds } from '#contracts';
import { isDuplicateKey } from '#persistence';
import type { NewPerson } from '../account/open-account.handler.js';
import { BETTER_AUTH, type BetterAuthContext } from './better-auth.js';

/** A person as better-auth keeps it. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly wantedHandle?: string | null;
  readonly signUpKey?: string | null;
  readonly accountPending?: boolean | null;
}
interface Credential {
  readonly password?: string | null;
}
export type NewUser = Pick<User, 'email' | 'name' | 'createdAt' | 'wantedHandle' | 'signUpKey'>;

/** Users and their passwords, which are better-auth's. */
@Injectable()
export class UserRepository implements OnModuleInit {
  /** What an unknown email is checked against, so that it takes as long as a wrong password. */
  private hashOfNobody = '';

  constructor(@Inject(BETTER_AUTH) private readonly context: BetterAuthContext) {}

  async onModuleInit(): Promise<void> {
    this.hashOfNobody = await this.context.password.hash(typeIds.next('request'));
  }

  async findByEmail(email: string): Promise<User | null> {
    return (await this.context.internalAdapter.findUserByEmail(email))?.user ?? null;
  }

  /**
   * Null when the email is taken. The credential comes first: nobody can reach it before the user is there, and a user
   * is never there without a password, whatever the moment of a crash. So it stays when the user's write has an unknown
   * outcome.
   */
  async create(person: NewUser, password: string): Promise<User | null> {
    const { adapter } = this.context;
    const id = typeIds.next('account');
    const times = { createdAt: person.createdAt, updatedAt: person.createdAt };
    const hash = await this.context.password.hash(password);
    await adapter.create({
      model: 'account',
      data: { userId: id, accountId: id, providerId: 'credential', password: hash, ...times },
    });
    try {
      const data = { ...person, ...times, id, emailVerified: false, accountPending: true, accountClaimed: false };
      return await adapter.create<typeof data, User>({ model: 'user', data, forceAllowId: true });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await this.removeCredentials(id);
      return null;
    }
  }

  /**
   * Says that the user's account is going to be opened by somebody else than the sign-up that made the user. False when
   * it is open already, or the user was taken back.
   */
  async claim(id: string): Promise<boolean> {
    const where = [
      { field: 'id', value: id },
      { field: 'accountPending', value: true },
    ];
    return (await this.context.adapter.update({ model: 'user', where, update: { accountClaimed: true } })) !== null;
  }

  /** Removes a user whose account could not be opened. False when somebody else is opening it. */
  async takeBack(id: string): Promise<boolean> {
    const where = [
      { field: 'id', value: id },
      { field: 'accountClaimed', value: false },
    ];
    if ((await this.context.adapter.deleteMany({ model: 'user', where })) === 0) return false;
    await this.removeCredentials(id);
    return true;
  }

  private async removeCredentials(userId: string): Promise<void> {
    await this.context.adapter.deleteMany({ model: 'account', where: [{ field: 'userId', value: userId }] });
  }

  /** Whether the password is this user's. Nobody's password takes as long to check as anybody's. */
  async isPasswordOf(user: User | null, password: string): Promise<boolean> {
    const credential = await this.context.adapter.findOne<Credential>({
      model: 'account',
      where: [{ field: 'userId', value: user?.id ?? '' }],
    });
    const hash = credential?.password ?? this.hashOfNobody;
    const isRight = await this.context.password.verify({ hash, password });
    return isRight && hash !== this.hashOfNobody;
  }

  /** Users that were made before this time and have no account yet, oldest first. */
  pendingSince(createdBefore: Date, limit: number): Promise<User[]> {
    return this.context.adapter.findMany<User>({
      model: 'user',
      where: [
        { field: 'accountPending', value: true },
        { field: 'createdAt', value: createdBefore, operator: 'lt' },
      ],
      sortBy: { field: 'createdAt', direction: 'asc' },
      limit,
    });
  }

  async markAccountOpened(id: string): Promise<void> {
    const where = [{ field: 'id', value: id }];
    await this.context.adapter.update({ model: 'user', where, update: { accountPending: false } });
  }
}

/** What the account is opened from. */
export const toPerson = (user: User, wantedHandle = user.wantedHandle): NewPerson => ({
  accountId: user.id,
  email: user.email,
  name: user.name,
  createdAt: user.createdAt,
  ...(wantedHandle ? { wantedHandle } : {}),
});
