import { Module } from '@nestjs/common';
import { MessagingModule } from '#messaging';
import { AccountModule } from './account/account.module.js';
import { AccountRepository } from './account/account.repository.js';
import { SessionModule } from './session/session.module.js';
import { reactions } from './subscriptions.js';

@Module({
  imports: [
    AccountModule,
    SessionModule,
    MessagingModule.forService({ service: 'identity', aggregates: [AccountRepository], reactions }),
  ],
})
export class IdentityModule {}
