import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, LOGGER, type Logger } from '#service-kit';
import { HoldTimes } from './hold-times.js';
import { OrderRecords } from './order-record.projection.js';
import { dueCount, expireDue, forgetHandled, type Stock } from './stock.js';
import { StockRepository } from './stock.repository.js';

const AT_A_TIME = 50;

/**
 * Releases holds that have run out, and forgets ended ones. Several instances may do it at once: whoever writes first
 * has done it. A hold that is not swept yet does not count all the same (see availableAt and reserve).
 */
@Injectable()
export class SweepHolds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly stocks: StockRepository,
    private readonly records: OrderRecords,
    private readonly times: HoldTimes,
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
    await this.expire();
    await this.forget();
  }

  private async sweepOn(): Promise<void> {
    await this.sweep().catch((error: unknown) => this.warn(error));
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.running = this.sweepOn();
    }, this.times.sweepMs);
  }

  /** One that fails (its outbox is full while the broker is away) keeps no other from it, and is tried in the next round. */
  private async expire(): Promise<void> {
    for (;;) {
      const due = await this.stocks.withDueHolds(this.clock.now(), AT_A_TIME);
      const results = await Promise.allSettled(due.map(({ id }) => this.expireOne(id)));
      const failed = results.filter((result) => result.status === 'rejected');
      for (const { reason } of failed) this.warn(reason);
      if (due.length < AT_A_TIME || failed.length > 0 || this.closed) return;
    }
  }

  private async expireOne(variantId: string): Promise<void> {
    for (let left = 1; left > 0;) {
      const now = this.clock.now();
      const outcome = await this.stocks.mutate(variantId, (before) => {
        const { stock, events } = expireDue(variantId, before, now);
        return { state: stock, events };
      });
      left = outcome ? dueCount(outcome.stored.state, now) : 0;
    }
  }

  private async forget(): Promise<void> {
    const until = new Date(this.clock.now().getTime() - this.times.forgetAfterMs);
    for (let after = new Date(0); ;) {
      const ended = await this.stocks.withEndedHolds(after, until, AT_A_TIME);
      for (const { id } of ended) await this.forgetOne(id);
      const last = ended.at(-1)?.state.endedSince;
      if (ended.length < AT_A_TIME || last === undefined || this.closed) return;
      after = last;
    }
  }

  private async forgetOne(variantId: string): Promise<void> {
    await this.stocks.mutate(variantId, async (stock) => ({ state: forgetHandled(stock, await this.handled(stock)) }));
  }

  private async handled({ holds }: Stock): Promise<ReadonlyMap<string, number>> {
    const ended = holds.filter(({ state }) => state !== 'RESERVED').map(({ orderId }) => orderId);
    const records = await this.records.findAll(ended);
    return new Map([...records].map(([orderId, { version }]) => [orderId, version]));
  }

  private warn(error: unknown): void {
    this.logger.warn({ err: error }, 'could not look after holds, trying again');
  }
}
