import { AsyncLocalStorage } from 'node:async_hooks';
import { calculateObjectSize } from 'bson';
import type { NewEvent } from '#contracts';
import { InvalidEventError, OutboxFullError } from './errors.js';

/** An event as it waits in its aggregate's document. */
export interface OutboxEntry {
  /** `event_…` */
  readonly id: string;
  readonly type: string;
  /** The aggregate's version after this event: 1, 2, 3 … */
  readonly v: number;
  readonly time: Date;
  /** Key on the topic. */
  readonly key: string;
  readonly traceparent?: string;
  readonly data: unknown;
}

/** One write may bring over 100 events: a product whose hundred variants all get another price. */
export const OUTBOX_LIMITS = { events: 256, bytes: 256 * 1024, eventBytes: 64 * 1024 } as const;

/** What a write is part of: the W3C trace context of the request or event that caused it. */
export const writeContext = new AsyncLocalStorage<{ readonly traceparent?: string }>();

interface Stamp {
  readonly aggregateId: string;
  readonly version: number;
  readonly time: Date;
  newEventId(): string;
}

/** Gives new events their id, version, time and trace. @throws InvalidEventError when one breaks its contract or is over 64 KB. */
export function stampEvents(events: readonly NewEvent[], stamp: Stamp): OutboxEntry[] {
  const traceparent = writeContext.getStore()?.traceparent;
  return events.map(({ contract, data, key }, index) => {
    const parsed = contract.schema.safeParse(data);
    if (!parsed.success) throw new InvalidEventError(contract.type, parsed.error.message);
    const entry: OutboxEntry = {
      id: stamp.newEventId(),
      type: contract.type,
      v: stamp.version + index + 1,
      time: stamp.time,
      key: key ?? stamp.aggregateId,
      ...(traceparent === undefined ? {} : { traceparent }),
      data: parsed.data,
    };
    if (sizeOf(entry) > OUTBOX_LIMITS.eventBytes) throw new InvalidEventError(contract.type, 'is over 64 KB');
    return entry;
  });
}

/** @throws OutboxFullError when the document would hold more than 256 unpublished events or 256 KB of them. */
export function checkOutboxLimits(id: string, pending: readonly OutboxEntry[], added: readonly OutboxEntry[]): void {
  if (added.length === 0) return;
  const all = [...pending, ...added];
  const bytes = all.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (all.length > OUTBOX_LIMITS.events || bytes > OUTBOX_LIMITS.bytes) throw new OutboxFullError(id);
}

const sizeOf = (entry: OutboxEntry): number => calculateObjectSize(entry, { ignoreUndefined: true });
