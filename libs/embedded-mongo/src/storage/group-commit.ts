import type { RootDatabase } from 'lmdb';

interface Waiting {
  /** Runs the change inside the transaction; what it throws is its own. */
  run: () => void;
  committed: () => void;
  failed: (error: unknown) => void;
}

/**
 * A commit that takes no longer is waited for: two threads less are involved, and a lone writer has its answer sooner.
 * On slower disks the commit is another thread's work, so that reads go on meanwhile.
 */
const QUICK_COMMIT_MS = 2;
/** Weight of the last commit in the mean of their durations. */
const WEIGHT = 0.2;

/**
 * Runs changes one after the other in transactions that are flushed before anybody hears of them. Those that come
 * while one is being committed, or within the same turn of the event loop, share the next one and its flush.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private scheduled = false;
  private meanMs = 0;

  constructor(private readonly root: () => RootDatabase<Buffer, string>) {}

  /** Resolves with the change's result when it is on disk; rejects with what it threw, or when the commit failed. */
  run<T>(change: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let settle: () => void = () => undefined;
      this.waiting.push({
        run: () => {
          try {
            const value = change();
            settle = () => resolve(value);
          } catch (error) {
            settle = () => reject(error as Error);
          }
        },
        committed: () => settle(),
        failed: reject,
      });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => void this.next());
  }

  private async next(): Promise<void> {
    const group = this.waiting.splice(0);
    const begin = performance.now();
    try {
      const commit = this.commit(() => group.forEach(({ run }) => run()));
      if (commit) await commit;
      group.forEach(({ committed }) => committed());
    } catch (error) {
      group.forEach(({ failed }) => failed(error));
    }
    this.meanMs += WEIGHT * (performance.now() - begin - this.meanMs);
    this.scheduled = false;
    if (this.waiting.length > 0) this.schedule();
  }

  /** Undefined when it is done already. Transactions of the two kinds never overlap: `next` waits for each. */
  private commit(changes: () => void): Promise<void> | undefined {
    const root = this.root();
    if (this.meanMs > QUICK_COMMIT_MS)
      return root
        .transaction(changes)
        .then(() => root.flushed)
        .then(() => undefined);
    root.transactionSync(changes);
    return undefined;
  }
}
