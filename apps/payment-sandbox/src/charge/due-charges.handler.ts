import type { Logger } from '#service-kit';
import type { CallbackSender } from '../callback/callback-sender.js';
import { acknowledged, dueCallback, failed, pass, type Charge, type Delays } from './charge.js';
import type { ChargeRepository } from './charge.repository.js';

const LOOK_EVERY_MS = 1_000;
const AT_A_TIME = 16;

interface Parts {
  readonly charges: ChargeRepository;
  readonly sender: CallbackSender;
  readonly delays: Delays;
  readonly logger: Logger;
  now(): Date;
}

/** Does what is due: decisions of the bank, the end of authorisations, callbacks. Goes on where it was after a crash. */
export class DueCharges {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private closed = false;

  constructor(private readonly parts: Parts) {}

  /** Looks now, and from then on whenever something is due. */
  wake(): void {
    if (this.closed) return;
    if (this.running) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.running = this.work().finally(() => {
      this.running = undefined;
    });
  }

  /** Returns when nothing is under way any more. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async work(): Promise<void> {
    try {
      let nextAt: Date | undefined;
      do {
        this.again = false;
        const at = this.parts.now();
        const next = await this.parts.charges.next(AT_A_TIME);
        const due = next.filter(({ state: { dueAt } }) => dueAt !== undefined && dueAt <= at);
        nextAt = next[due.length]?.state.dueAt;
        await Promise.all(due.map(({ id }) => this.attend(id)));
        if (due.length === AT_A_TIME) this.again = true;
      } while (this.again && !this.closed);
      this.sleepUntil(nextAt);
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'could not look after due charges, trying again');
      this.wakeIn(LOOK_EVERY_MS);
    }
  }

  private sleepUntil(nextAt: Date | undefined): void {
    const ms = nextAt === undefined ? LOOK_EVERY_MS : nextAt.getTime() - this.parts.now().getTime();
    this.wakeIn(Math.min(LOOK_EVERY_MS, Math.max(1, ms)));
  }

  private wakeIn(ms: number): void {
    if (!this.closed) this.timer = setTimeout(() => this.wake(), ms);
  }

  private async attend(id: string): Promise<void> {
    const { charges, sender, delays, now } = this.parts;
    const outcome = await charges.mutate(id, (charge) => ({ state: pass(id, charge, now(), delays) }));
    if (!outcome) return;
    const charge = outcome.stored.state;
    const callback = dueCallback(charge, now());
    if (!charge.callbackUrl || !callback) return;
    const isAcknowledged = await sender.send(callback, charge.callbackUrl, now());
    const settle = (current: Charge): Charge =>
      isAcknowledged ? acknowledged(current, callback.id) : failed(current, callback.id, now(), delays);
    await charges.mutate(outcome.stored, (current) => ({ state: settle(current) }));
    this.again = true;
  }
}
