import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { typeIds } from '#contracts';
import { InjectDatabase, isDuplicateKey } from '#persistence';
import type { NewPerson } from '../account/open-account.handler.js';
import { createBetterAuth, type BetterAuthContext } from './better-auth.js';

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
export interface Session {
  /** `session_…` */
  readonly id: string;
  readonly userId: string;
  /** The refresh token. */
  readonly token: string;
}
export type NewUser = Pick<User, 'email' | 'name' | 'createdAt' | 'wantedHandle' | 'signUpKey'>;

/** Users, their passwords and their sessions, which are better-auth's. */
@Injectable()
export class UserRepository implements OnModuleInit {
  private context!: BetterAuthContext;
  /** What an unknown email is checked against, so that it takes as long as a wrong password. */
  private hashOfNobody = '';

  constructor(@InjectDatabase() private readonly connection: Connection) {}

  async onModuleInit(): Promise<void> {
    await this.makeIndexes();
    this.context = await createBetterAuth(this.connection).$context;
    this.hashOfNobody = await this.context.password.hash(typeIds.next('request'));
  }

  /**
   * better-auth makes its own indexes too, under these names, but beside the first requests: emails must be unique from
   * the first one on.
   */
  private async makeIndexes(): Promise<void> {
    const { connection } = this;
    const user = connection.collection('user');
    await user.createIndex({ email: 1 }, { name: 'user_email_uidx', unique: true });
    const pending = { accountPending: true };
    await user.createIndex({ accountPending: 1, createdAt: 1 }, { partialFilterExpression: pending });
    await connection.collection('account').createIndex({ userId: 1 }, { name: 'account_userId_idx' });
    const session = connection.collection('session');
    await session.createIndex({ token: 1 }, { name: 'session_token_uidx', unique: true });
    await session.createIndex({ userId: 1 }, { name: 'session_userId_idx' });
    await session.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  }

  async findByEmail(email: string): Promise<User | null> {
    return (await this.context.internalAdapter.findUserByEmail(email))?.user ?? null;
  }

  /**
   * Null when the email is taken. The credential comes first: nobody can reach it before the user is there, and a user
   * is never there without a password, whatever the moment of a crash.
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
      const data = { ...person, ...times, id, emailVerified: false, accountPending: true };
      return await adapter.create<typeof data, User>({ model: 'user', data, forceAllowId: true });
    } catch (error) {
      await this.removeCredentials(id);
      if (isDuplicateKey(error)) return null;
      throw error;
    }
  }

  /** Takes back a user whose account could not be opened. */
  async remove(id: string): Promise<void> {
    await this.context.adapter.delete({ model: 'user', where: [{ field: 'id', value: id }] });
    await this.removeCredentials(id);
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

  startSession(userId: string): Promise<Session> {
    return this.context.internalAdapter.createSession(userId);
  }

  /** Changes a session's token in one step: of two who come with the same token, one gets null. */
  rotateSession(token: string, now: Date, next: { token: string; expiresAt: Date }): Promise<Session | null> {
    return this.context.adapter.update<Session>({
      model: 'session',
      where: [
        { field: 'token', value: token },
        { field: 'expiresAt', value: now, operator: 'gt' },
      ],
      update: { ...next, updatedAt: now },
    });
  }

  async endSession(sessionId: string): Promise<void> {
    await this.context.adapter.delete({ model: 'session', where: [{ field: 'id', value: sessionId }] });
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
