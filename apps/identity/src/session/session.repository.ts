import { Inject, Injectable } from '@nestjs/common';
import { BETTER_AUTH, type BetterAuthContext } from './better-auth.js';

/** A session as better-auth keeps it. */
export interface Session {
  /** `session_…` */
  readonly id: string;
  readonly userId: string;
  /** Hash of the refresh token that is good now. */
  readonly token: string;
  readonly previousToken?: string | null;
  readonly rotationSalt?: string | null;
  readonly rotatedAt?: Date | null;
}

/** What a session gets when its refresh token is changed for the next. */
export interface Rotation {
  readonly from: string;
  readonly to: string;
  readonly salt: string;
  readonly at: Date;
  readonly expiresAt: Date;
}

/** Sessions, which are better-auth's. Of refresh tokens it only ever sees hashes. */
@Injectable()
export class SessionRepository {
  constructor(@Inject(BETTER_AUTH) private readonly context: BetterAuthContext) {}

  async start(userId: string, token: string, at: Date, expiresAt: Date): Promise<Session> {
    const given = { token, expiresAt, createdAt: at, updatedAt: at };
    return this.context.internalAdapter.createSession(userId, false, given, true);
  }

  /** In one step: of two who come with the same token, one gets null. */
  rotate({ from, to, salt, at, expiresAt }: Rotation): Promise<Session | null> {
    return this.context.adapter.update<Session>({
      model: 'session',
      where: [
        { field: 'token', value: from },
        { field: 'expiresAt', value: at, operator: 'gt' },
      ],
      update: { token: to, previousToken: from, rotationSalt: salt, rotatedAt: at, expiresAt, updatedAt: at },
    });
  }

  /** The session whose present refresh token was given for this one, and has not been used. */
  findByPreviousToken(previousToken: string): Promise<Session | null> {
    const where = [{ field: 'previousToken', value: previousToken }];
    return this.context.adapter.findOne<Session>({ model: 'session', where });
  }

  async end(sessionId: string): Promise<void> {
    await this.context.adapter.delete({ model: 'session', where: [{ field: 'id', value: sessionId }] });
  }
}
