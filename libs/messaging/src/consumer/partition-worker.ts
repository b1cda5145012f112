import type { IncomingMessage } from '../bus/message-bus.js';

/**
 * Takes messages to their end, from the first on, and returns how many; fewer than all when some are to be given to it
 * again, none when it was aborted and they have to be delivered again. Never throws.
 */
export type Process = (messages: readonly IncomingMessage[], signal: AbortSignal) => Promise<number>;

/**
 * Works through the messages of one partition in their order, and knows how far it is. It outlives rebalances: what
 * was processed here is not processed again when the broker, which knows only what was committed, delivers it again.
 */
export class PartitionWorker {
  private queue: IncomingMessage[] = [];
  private inFlight: readonly IncomingMessage[] = [];
  private idle: Promise<void> = Promise.resolve();
  private assignment = new AbortController();
  private assigned = false;
  /** Whether something was delivered since the partition was assigned; before, what is committed is not known. */
  private positioned = false;
  /** Offset of the last message that was processed here. */
  private processed = -1n;
  private committed = -1n;
  private end = -1n;

  /**
   * @param batchSize how many messages are handed over at once, at most.
   * @param onDone told how many more messages are done with.
   */
  constructor(
    private readonly process: Process,
    private readonly batchSize = 1,
    private readonly onDone: (messages: number) => void = () => undefined,
  ) {}

  /** Messages that wait. */
  get backlog(): number {
    return this.queue.length;
  }

  get busy(): boolean {
    return this.inFlight.length > 0;
  }

  /** The first message that is not done with. */
  get oldest(): IncomingMessage | undefined {
    return this.inFlight[0] ?? this.queue[0];
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
    const last = this.queue.at(-1)?.offset ?? this.inFlight.at(-1)?.offset ?? this.processed;
    this.queue.push(...messages.filter(({ offset }) => offset > last));
    if (!this.busy) this.idle = this.work();
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
      if (!this.busy) this.inFlight = this.queue.splice(0, this.batchSize);
      if (!this.busy) return;
      this.finish(await this.process(this.inFlight, this.assignment.signal));
    }
  }

  /** The first of those in flight are done with. */
  private finish(done: number): void {
    const last = this.inFlight[done - 1];
    if (last !== undefined && last.offset > this.processed) this.processed = last.offset;
    this.inFlight = this.inFlight.slice(done);
    this.onDone(done);
    // Aborted by a release. Where it is ours again since, the broker's repetition was taken for those in flight.
    if (!this.busy || this.assigned) return;
    this.inFlight = [];
    this.dropQueue();
  }
}
