import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Stored } from '#persistence';
import { Clock, LOGGER, type Logger } from '#service-kit';
import { ProviderCalls } from '../payment/provider-calls.js';
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
    private readonly providerCalls: ProviderCalls,
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
      if (!(await this.allGoOn(due)) || due.length < AT_A_TIME) break;
    }
    while (await this.callsGoOn());
  }

  /** As many as there are places for: the others are left as they are, and cost nothing while they wait. */
  private async callsGoOn(): Promise<boolean> {
    const now = this.clock.now();
    const room = Math.min(this.providerCalls.room, AT_A_TIME);
    const due = await this.orders.callsDue(now, Math.max(1, room));
    this.providerCalls.waits(now.getTime() - (due[0]?.state.nextCallAt ?? now).getTime());
    return (await this.allGoOn(due.slice(0, room))) && room > 0 && due.length === room;
  }

  /** False when this round is to end. */
  private async allGoOn(orders: readonly Stored<Order>[]): Promise<boolean> {
    for (const order of orders) this.alarm(order);
    const wentOn = await Promise.all(orders.map(({ id }) => this.goOn(id)));
    return !this.closed && !wentOn.includes(false);
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
