import type { IncomingMessage } from '../bus/message-bus.js';

/** Takes a message to its end; false when it was aborted and has to be delivered again. Never throws. */
export type Process = (message: IncomingMessage, signal: AbortSignal) => Promise<boolean>;

/**
 * Works through the messages of one partition, one after the other, and knows how far it is. It outlives rebalances: what
 * was processed here is not processed again when the broker, which knows only what was committed, delivers it again.
 */
export class PartitionWorker {
  private queue: IncomingMessage[] = [];
  private inFlight: IncomingMessage | undefined;
  private idle: Promise<void> = Promise.resolve();
  private assignment = new AbortController();
  private assigned = false;
  /** Whether something was delivered since the partition was assigned; before, what is committed is not known. */
  private positioned = false;
  /** Offset of the last message that was processed here. */
  private processed = -1n;
  private committed = -1n;
  private end = -1n;

  constructor(private readonly process: Process) {}

  /** Messages that wait. */
  get backlog(): number {
    return this.queue.length;
  }

  get busy(): boolean {
    return this.inFlight !== undefined;
  }

  /** Messages between what was processed and where the partition ended when it was last read. */
  get lag(): number {
    return this.positioned ? Math.max(0, Number(this.end - this.processed - 1n)) : 0;
  }

  /** The partition is (still, or again) ours. What waits is delivered again by the broker, so it is dropped here. */
  assign(): void {
    this.dropQueue();
    if (!this.assigned) this.assignment = new AbortController();
    this.assigned = true;
    this.positioned = false;
  }

  /** The partition is no longer ours: what runs may end, but waits no longer for a retry. */
  release(): void {
    this.dropQueue();
    this.assigned = false;
    this.assignment.abort();
  }

  /** Drops what waits, without a decision about whose the partition is. */
  dropQueue(): void {
    this.queue = [];
  }

  accept(messages: readonly IncomingMessage[], endOffset: bigint): void {
    const first = messages[0];
    if (!this.assigned || first === undefined) return;
    if (!this.positioned) this.position(first.offset);
    this.end = endOffset;
    const last = this.queue.at(-1)?.offset ?? this.inFlight?.offset ?? this.processed;
    this.queue.push(...messages.filter(({ offset }) => offset > last));
    if (this.inFlight === undefined) this.idle = this.work();
  }

  /** The position to commit, if it moved since the last commit. */
  toCommit(): bigint | undefined {
    const next = this.processed + 1n;
    return this.positioned && next > this.committed ? next : undefined;
  }

  onCommitted(offset: bigint): void {
    if (offset > this.committed) this.committed = offset;
  }

  /** Resolves when nothing runs any more. */
  async drained(): Promise<void> {
    await this.idle;
  }

  /** What comes first after an assignment is what the group had committed: by this member or, meanwhile, by others. */
  private position(offset: bigint): void {
    // Before what this member committed: the topic was deleted and made anew, and offsets start again.
    if (offset < this.committed) this.processed = -1n;
    if (offset > this.processed + 1n) this.processed = offset - 1n;
    this.committed = offset;
    this.positioned = true;
  }

  private async work(): Promise<void> {
    for (;;) {
      const message = this.queue.shift();
      if (message === undefined) return;
      this.inFlight = message;
      let done = await this.process(message, this.assignment.signal);
      // Aborted by a release, and ours again since: the broker's repetition was taken for the one in flight.
      while (!done && this.assigned) done = await this.process(message, this.assignment.signal);
      this.inFlight = undefined;
      if (done && message.offset > this.processed) this.processed = message.offset;
      if (!done) this.dropQueue();
    }
  }
}
