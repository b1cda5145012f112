import type { EventEnvelope } from '#contracts';
import { Mailbox } from './mailbox.js';

/** An event that live data depends on. */
export type Change = EventEnvelope;

/** Hands the events that this gateway tails to whoever watches the thing that they are about. */
export class ChangeFeed {
  private readonly watchers = new Map<string, Set<Mailbox<Change>>>();

  /** A mailbox for all changes of these ids from now on. Close it when nobody watches any more. */
  watch(ids: readonly string[]): Mailbox<Change> {
    const mailbox: Mailbox<Change> = new Mailbox(() => this.forget(ids, mailbox));
    for (const id of ids) {
      const watchers = this.watchers.get(id) ?? new Set();
      this.watchers.set(id, watchers.add(mailbox));
    }
    return mailbox;
  }

  get watched(): number {
    return this.watchers.size;
  }

  publish(change: Change): void {
    const id = aboutOf(change);
    for (const mailbox of (id && this.watchers.get(id)) || []) mailbox.put(change);
  }

  /** Events may have been missed (the tail began anew): everybody looks at the present state again. */
  missed(): void {
    for (const mailboxes of this.watchers.values()) for (const mailbox of mailboxes) mailbox.miss();
  }

  /** Nobody hears of changes any more: everyone who watches gets this error. */
  close(error: Error): void {
    for (const mailboxes of this.watchers.values()) for (const mailbox of mailboxes) mailbox.fail(error);
  }

  private forget(ids: readonly string[], mailbox: Mailbox<Change>): void {
    for (const id of ids) {
      const watchers = this.watchers.get(id);
      watchers?.delete(mailbox);
      if (watchers?.size === 0) this.watchers.delete(id);
    }
  }
}

/** Orders are watched by their own id, stock, prices and products by the product's. */
function aboutOf({ data }: Change): string | undefined {
  const { productId, orderId } = data as { productId?: string; orderId?: string };
  return productId ?? orderId;
}
