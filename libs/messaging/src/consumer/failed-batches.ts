import type { IncomingMessage } from '../bus/message-bus.js';
import { partitionName } from '../bus/partition-name.js';

/** To halve batches that take longer than this to fail delays others more than to handle their events one by one. */
const HALVING_MS = 50;

interface FailedBatch {
  /** Its last event. */
  readonly end: bigint;
  /** When the first call with the event that makes it fail began, as far as is known. */
  readonly sinceMs: number;
  /** What the calls that failed took. */
  readonly failedMs: number;
}

/** The batch of each partition that failed last: one of its events is to blame, and others wait until it is found. */
export class FailedBatches {
  private readonly last = new Map<string, FailedBatch>();

  /** A call with these events, and all between them, has just failed. */
  note(first: IncomingMessage, last: IncomingMessage, tookMs: number): void {
    // One that begins in the one before fails for the same event: what could be handled of that is gone.
    const before = this.with(first) ?? { end: -1n, sinceMs: performance.now() - tookMs, failedMs: 0 };
    const end = before.end > last.offset ? before.end : last.offset;
    this.last.set(partitionName(first), { end, sinceMs: before.sinceMs, failedMs: before.failedMs + tookMs });
  }

  /** Whether the event is to be handled by itself: each further batch with the one in it that is slow to fail takes as long. */
  isSingle(message: IncomingMessage): boolean {
    return (this.with(message)?.failedMs ?? 0) >= HALVING_MS;
  }

  /** How long others have waited, as the event is in a batch that failed. */
  waitedMs(message: IncomingMessage): number {
    const batch = this.with(message);
    return batch === undefined ? 0 : performance.now() - batch.sinceMs;
  }

  private with(message: IncomingMessage): FailedBatch | undefined {
    if (this.last.size === 0) return undefined;
    const batch = this.last.get(partitionName(message));
    return batch !== undefined && message.offset <= batch.end ? batch : undefined;
  }
}
