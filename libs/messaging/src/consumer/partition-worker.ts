import type { IncomingMessage } from '../bus/message-bus.js';

/**
 * Takes messages to their end, from the first on, and returns how many; fewer than all when some are to be given to it
 * again, none when it was aborted and they have to be delivered again. Never throws.
 * @param next for one that would rather go on than return: what it returns at last is how many of those given last.
 */
export type Process = (messages: readonly IncomingMessage[], signal: AbortSignal, next?: Next) => Promise<number>;

/** All that were given last are done with. Returns what comes next: nothing when there is nothing to be done now. */
export type Next = () => readonly IncomingMessage[];

const NONE: readonly IncomingMessage[] = [];

/**
 * Works through the messages of one partition in their order, and knows how far it is. It outlives rebalances: what
 * was processed here is not processed again when the broker, which knows only what was committed, delivers it again.
 */
export class PartitionWorker {
  private queue: readonly IncomingMessage[] = NONE;
  /** How many of the queue's are not in it any more: to take them out one by one would move all others each time. */
  private taken = 0;
  private inFlight: readonly IncomingMessage[] = NONE;
  private working = false;
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
    return this.queue.length - this.taken;
  }

  get busy(): boolean {
    return this.inFlight.length > 0;
  }

  /** The first message that is not done with. */
  get oldest(): IncomingMessage | undefined {
    return this.inFlight[0] ?? this.queue[this.taken];
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
    this.queue = NONE;
    this.taken = 0;
  }

  accept(messages: readonly IncomingMessage[], endOffset: bigint): void {
    const first = messages[0];
    if (!this.assigned || first === undefined) return;
    if (!this.positioned) this.position(first.offset);
    this.end = endOffset;
    const last = this.queue.at(-1)?.offset ?? this.inFlight.at(-1)?.offset ?? this.processed;
    const fresh = first.offset > last ? messages : messages.filter(({ offset }) => offset > last);
    this.queue = this.backlog === 0 ? fresh : [...this.queue.slice(this.taken), ...fresh];
    this.taken = 0;
    if (!this.working) this.idle = this.work();
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
    this.working = true;
    while (this.fill().length > 0) {
      const { signal } = this.assignment;
      const next: Next = () => {
        this.finish(this.inFlight.length);
        // What comes after a new assignment goes with the signal of that one.
        return signal.aborted ? NONE : this.fill();
      };
      this.finish(await this.process(this.inFlight, signal, next));
    }
    this.working = false;
  }

  /** Those in flight: the first ones that wait, when there were none. */
  private fill(): readonly IncomingMessage[] {
    if (this.busy) return this.inFlight;
    this.inFlight = this.queue.slice(this.taken, this.taken + this.batchSize);
    this.taken += this.inFlight.length;
    // So that what was fetched is not kept until the next fetch.
    if (this.backlog === 0) this.dropQueue();
    return this.inFlight;
  }

  /** The first of those in flight are done with. */
  private finish(done: number): void {
    const last = this.inFlight[done - 1];
    if (last !== undefined && last.offset > this.processed) this.processed = last.offset;
    this.inFlight = done < this.inFlight.length ? this.inFlight.slice(done) : NONE;
    this.onDone(done);
    // Aborted by a release. Where it is ours again since, the broker's repetition was taken for those in flight.
    if (!this.busy || this.assigned) return;
    this.inFlight = NONE;
    this.dropQueue();
  }
}
