import { Module } from '@nestjs/common';
import { AccountModule } from '../account/account.module.js';
import { AccessTokens } from './access-token.handler.js';
import { OpenPendingAccounts } from './open-pending-accounts.handler.js';
import { SessionController } from './session.controller.js';
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
    AccessTokens,
    OpenPendingAccounts,
    Sessions,
    SignInAttemptRepository,
    SignInHandler,
    SigningKeyRepository,
    SignUpHandler,
    UserRepository,
  ],
})
export class SessionModule {}
