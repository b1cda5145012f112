import type { RootDatabase } from 'lmdb';

interface Waiting {
  /** Runs the change inside the transaction; what it throws is its own. */
  run: () => void;
  committed: () => void;
  failed: (error: unknown) => void;
}

/**
 * Runs changes one after the other in transactions that are flushed before anybody hears of them. Those that come
 * within the same turn of the event loop share one and its flush.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private scheduled = false;

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
    setImmediate(() => this.commit());
  }

  /**
   * In this thread: two fewer are involved than in a commit that is not waited for, and lmdb's two kinds of transactions
   * do not go together (3.5.6: an asynchronous one after synchronous ones never ends).
   */
  private commit(): void {
    const group = this.waiting.splice(0);
    this.scheduled = false;
    try {
      this.root().transactionSync(() => group.forEach(({ run }) => run()));
      group.forEach(({ committed }) => committed());
    } catch (error) {
      group.forEach(({ failed }) => failed(error));
    }
  }
}
