import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Stored } from '#persistence';
import { Clock, LOGGER, type Logger } from '#service-kit';
import type { AccountState } from '../account/account.js';
import { AccountRepository } from '../account/account.repository.js';
import { OpenAccount } from '../account/open-account.handler.js';
import { toPerson, UserRepository, type User } from './user.repository.js';

const LOOK_EVERY_MS = 5_000;
/** Younger ones are being opened by the sign-up that made them. */
const LEFT_ALONE_MS = 10_000;
const AT_A_TIME = 100;

/** Opens the accounts of users whose sign-up was cut off. Several instances may do it at once: each step can be repeated. */
@Injectable()
export class OpenPendingAccounts implements OnApplicationBootstrap, OnModuleDestroy {
  private timer?: NodeJS.Timeout;
  private sweeping: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly users: UserRepository,
    private readonly accounts: AccountRepository,
    private readonly openAccount: OpenAccount,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweeping = this.sweeping.then(() => this.sweepOrWarn());
    }, LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** How many were opened. */
  async sweep(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - LEFT_ALONE_MS);
    let opened = 0;
    for (const user of await this.users.pendingSince(before, AT_A_TIME)) {
      try {
        if (await this.open(user)) opened++;
      } catch (error) {
        // The others need not wait for what is wrong with this one.
        this.logger.warn({ err: error, accountId: user.id }, 'could not open an account yet');
      }
    }
    return opened;
  }

  /** The user's account, under any handle. Null when the sign-up has taken the user back. */
  async open(user: User): Promise<Stored<AccountState> | null> {
    if (!(await this.users.claim(user.id))) return this.accounts.find(user.id);
    const account = await this.openAccount.withAnyHandle(toPerson(user));
    await this.users.markAccountOpened(user.id);
    return account;
  }

  private async sweepOrWarn(): Promise<void> {
    try {
      const opened = await this.sweep();
      if (opened > 0) this.logger.info({ opened }, 'opened accounts whose sign-up was cut off');
    } catch (error) {
      this.logger.warn({ err: error }, 'could not look for sign-ups that were cut off');
    }
  }
}
