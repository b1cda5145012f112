import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Stored } from '#persistence';
import type { Order } from './order.js';
import { OrderRepository } from './order.repository.js';

/** Another instance may take an order further, and this one is not told. */
const LOOK_EVERY_MS = 250;

/** Waiting for an order to get somewhere: woken by the writes of this process, and looking now and then for others'. */
@Injectable()
export class OrderChanges {
  private readonly waiting = new Map<string, Set<AbortController>>();

  constructor(private readonly orders: OrderRepository) {
    orders.onEventsWritten((id) => this.waiting.get(id)?.forEach((waiter) => waiter.abort()));
  }

  /** The order once it is there, or as it is when the time is up. Null when there is no such order. */
  async waitFor(id: string, isThere: (order: Order) => boolean, untilMs: number): Promise<Stored<Order> | null> {
    for (;;) {
      // Listening begins before the look, so that no change falls between the two.
      const woken = this.listen(id);
      const stored = await this.orders.find(id);
      const leftMs = untilMs - Date.now();
      if (!stored || leftMs <= 0 || isThere(stored.state)) {
        this.stopListening(id, woken);
        return stored;
      }
      await pause(Math.min(leftMs, LOOK_EVERY_MS), undefined, { signal: woken.signal }).catch(() => undefined);
      this.stopListening(id, woken);
    }
  }

  private listen(id: string): AbortController {
    const waiter = new AbortController();
    const waiters = this.waiting.get(id) ?? new Set();
    this.waiting.set(id, waiters.add(waiter));
    return waiter;
  }

  private stopListening(id: string, waiter: AbortController): void {
    const waiters = this.waiting.get(id);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.waiting.delete(id);
  }
}
