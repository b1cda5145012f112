import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock, LOGGER, type Logger } from '#service-kit';
import { OpenAccount } from '../account/open-account.handler.js';
import { toPerson, UserRepository } from './user.repository.js';

const LOOK_EVERY_MS = 5_000;
/** Younger ones are being opened by the sign-up that made them. */
const LEFT_ALONE_MS = 10_000;
const AT_A_TIME = 100;

/** Opens the accounts of users whose sign-up was cut off. Several instances may do it at once: each step can be repeated. */
@Injectable()
export class OpenPendingAccounts implements OnApplicationBootstrap, OnModuleDestroy {
  private timer?: NodeJS.Timeout;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly users: UserRepository,
    private readonly openAccount: OpenAccount,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweeping = this.sweepOrWarn();
    }, LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** How many were opened. */
  async sweep(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - LEFT_ALONE_MS);
    const pending = await this.users.pendingSince(before, AT_A_TIME);
    for (const user of pending) {
      await this.openAccount.withAnyHandle(toPerson(user));
      await this.users.markAccountOpened(user.id);
    }
    return pending.length;
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
