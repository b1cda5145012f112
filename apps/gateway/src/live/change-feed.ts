import type { EventEnvelope } from '#contracts';
import { Mailbox } from './mailbox.js';

/** An event that live data depends on. */
export type Change = EventEnvelope;

/** How many events are kept for who comes back: some minutes of a busy shop. */
const KEPT = 2_000;

/**
 * Hands the events that this gateway tails to whoever watches the thing that they are about. The last ones are kept, so
 * that a client whose connection broke goes on where it was, at any instance: each reads all events.
 */
export class ChangeFeed {
  private readonly watchers = new Map<string, Set<Mailbox<Change>>>();
  private readonly recent = new Map<string, Change>();
  private last: string | undefined;

  /** The id of the last event: whoever has all mail so far can resume from here. Undefined before the first. */
  get position(): string | undefined {
    return this.last;
  }

  /** A mailbox for all changes of these ids from now on. Close it when nobody watches any more. */
  watch(ids: readonly string[]): Mailbox<Change> {
    const mailbox: Mailbox<Change> = new Mailbox(() => this.forget(ids, mailbox));
    for (const id of ids) {
      const watchers = this.watchers.get(id) ?? new Set();
      this.watchers.set(id, watchers.add(mailbox));
    }
    return mailbox;
  }

  /**
   * The same, with what has come of these ids since the event of this id. Undefined when that event is not among the ones
   * kept: it is not known then what came since.
   */
  resume(ids: readonly string[], after: string): Mailbox<Change> | undefined {
    if (!this.recent.has(after)) return undefined;
    const mailbox = this.watch(ids);
    let isSince = false;
    for (const [eventId, change] of this.recent) {
      if (isSince && ids.includes(aboutOf(change) ?? '')) mailbox.put(change);
      isSince ||= eventId === after;
    }
    return mailbox;
  }

  get watched(): number {
    return this.watchers.size;
  }

  publish(change: Change): void {
    this.keep(change);
    const id = aboutOf(change);
    for (const mailbox of (id && this.watchers.get(id)) || []) mailbox.put(change);
  }

  /** Events may have been missed (the tail began anew): everybody looks at the present state again. */
  missed(): void {
    this.recent.clear();
    this.last = undefined;
    for (const mailboxes of this.watchers.values()) for (const mailbox of mailboxes) mailbox.miss();
  }

  /** Nobody hears of changes any more: everyone who watches gets this error. */
  close(error: Error): void {
    for (const mailboxes of this.watchers.values()) for (const mailbox of mailboxes) mailbox.fail(error);
  }

  /** An event that comes twice stays where it was first. */
  private keep(change: Change): void {
    if (!this.recent.has(change.id)) this.last = change.id;
    this.recent.set(change.id, change);
    const oldest = this.recent.keys().next();
    if (this.recent.size > KEPT && !oldest.done) this.recent.delete(oldest.value);
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
