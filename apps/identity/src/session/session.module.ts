import { Module } from '@nestjs/common';
import { DATABASE } from '#persistence';
import { AccountModule } from '../account/account.module.js';
import { AccessTokens } from './access-token.handler.js';
import { BETTER_AUTH, openBetterAuth } from './better-auth.js';
import { OpenPendingAccounts } from './open-pending-accounts.handler.js';
import { SessionController } from './session.controller.js';
import { SessionRepository } from './session.repository.js';
import { Sessions } from './sessions.handler.js';
import { SignInAttemptRepository } from './sign-in-attempt.repository.js';
import { SignInHandler } from './sign-in.handler.js';
import { SignUpHandler } from './sign-up.handler.js';
import { SigningKeyRepository } from './signing-key.repository.js';
import { UserRepository } from './user.repository.js';

@Module({
  imports: [AccountModule],
  controllers: [SessionController],
  providers: [
    { provide: BETTER_AUTH, useFactory: openBetterAuth, inject: [DATABASE] },
    AccessTokens,
    OpenPendingAccounts,
    SessionRepository,
    Sessions,
    SignInAttemptRepository,
    SignInHandler,
    SigningKeyRepository,
    SignUpHandler,
    UserRepository,
  ],
})
export class SessionModule {}
