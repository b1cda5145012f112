import { Module } from '@nestjs/common';
import { AccountController } from './account.controller.js';
import { AccountRepository } from './account.repository.js';
import { OpenAccount } from './open-account.handler.js';

@Module({
  controllers: [AccountController],
  providers: [AccountRepository, OpenAccount],
  exports: [AccountRepository, OpenAccount],
})
export class AccountModule {}
