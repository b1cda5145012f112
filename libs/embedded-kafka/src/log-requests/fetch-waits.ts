import type { Clock } from '../clock.js';
import type { Partition } from '../log/partition.js';

/** What comes within so short a time goes in one answer: many small ones keep a consumer's process busy. */
const GATHER_MS = 5;

/** The consumers that wait for more: Kafka's long poll. */
export class FetchWaits {
  readonly #finishers = new Set<() => void>();
  readonly #clock: Clock;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the partitions together have grown by `wantedBytes`, one is deleted, or the time is up. */
  untilGrown(partitions: readonly Partition[], wantedBytes: number, maxWaitMs: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      let grown = 0;
      let gathering = false;
      const cleanups: (() => void)[] = [];
      const finish = (): void => {
        this.#finishers.delete(finish);
        for (const cleanup of cleanups) cleanup();
        resolve();
      };
      const grow = (addedBytes: number): void => {
        grown += addedBytes;
        if (grown < wantedBytes || gathering) return;
        gathering = true;
        cleanups.push(this.#clock.after(GATHER_MS, finish));
      };
      this.#finishers.add(finish);
      cleanups.push(this.#clock.after(maxWaitMs, finish));
      for (const partition of partitions) cleanups.push(partition.watch(grow));
    });
  }

  /** Answers everyone with what there is, because the broker stops. */
  close(): void {
    this.#closed = true;
    for (const finish of this.#finishers) finish();
  }
}
