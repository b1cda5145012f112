interface Waiting {
  /** Runs the change inside the transaction; what it throws is its own. */
  run: () => void;
  committed: () => void;
  failed: (error: unknown) => void;
}

/** Where changes are made: returns when they are on disk, throws when nothing of them is. */
interface Target {
  transact(change: () => void): void;
}

/**
 * Runs changes one after the other in transactions that are flushed before anybody hears of them. Those that come
 * within the same turn of the event loop share one and its flush.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private scheduled = false;

  constructor(private readonly target: Target) {}

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

  private commit(): void {
    const group = this.waiting.splice(0);
    this.scheduled = false;
    try {
      this.target.transact(() => group.forEach(({ run }) => run()));
      group.forEach(({ committed }) => committed());
    } catch (error) {
      group.forEach(({ failed }) => failed(error));
    }
  }
}
