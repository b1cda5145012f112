import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Stored } from '#persistence';
import { Clock, LOGGER, type Logger } from '#service-kit';
import { AdvanceOrder } from './advance-order.handler.js';
import { CheckoutTimes } from './checkout-times.js';
import type { Order } from './order.js';
import { OrderRepository } from './order.repository.js';

const AT_A_TIME = 50;

/**
 * Takes orders further whose time has come: deadlines, and calls to the provider that are due again or were lost in a
 * crash. Several instances may sweep: whoever writes first has the call, the others find nothing to do.
 */
@Injectable()
export class SweepDeadlines implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly orders: OrderRepository,
    private readonly advance: AdvanceOrder,
    private readonly times: CheckoutTimes,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.sweepOn();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One round. */
  async sweep(): Promise<void> {
    for (;;) {
      const due = await this.orders.due(this.clock.now(), AT_A_TIME);
      for (const order of due) this.alarm(order);
      const wentOn = await Promise.all(due.map(({ id }) => this.goOn(id)));
      if (due.length < AT_A_TIME || this.closed || wentOn.includes(false)) return;
    }
  }

  /** One order that can't be stored keeps no other from going on. */
  private async goOn(id: string): Promise<boolean> {
    try {
      await this.advance.give(id, { kind: 'clock' });
      return true;
    } catch (error) {
      this.logger.warn({ err: error, orderId: id }, 'an overdue order could not go on, trying again');
      return false;
    }
  }

  private async sweepOn(): Promise<void> {
    await this.sweep().catch((error: unknown) => {
      this.logger.warn({ err: error }, 'could not look after overdue orders, trying again');
    });
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.running = this.sweepOn();
    }, this.times.sweepMs);
  }

  private alarm({ id, state: { state, cancellation } }: Stored<Order>): void {
    if (state !== 'CANCELLING' || !cancellation) return;
    const forMs = this.clock.now().getTime() - cancellation.at.getTime();
    if (forMs > this.times.policy.alarmMs) this.logger.error({ orderId: id, forMs }, 'an order can not be undone');
  }
}
