import type { RootDatabase } from 'lmdb';

const ABORTED = new Error('the transaction is given up');

/**
 * A transaction of LMDB that stays open from one turn of the event loop to the next: all that the thread reads and
 * writes meanwhile is in it. lmdb (3.5.6) keeps one open for as long as the promise of its callback does not settle; a
 * promise's reactions wait for the next turn, so this is none: it settles at once.
 */
export class OpenTransaction {
  private settle: { commit: () => void; abort: (reason: unknown) => void } | undefined;

  constructor(root: RootDatabase<Buffer, string>) {
    root.transactionSync(() => ({
      // oxlint-disable-next-line unicorn/no-thenable
      then: (commit: () => void, abort: (reason: unknown) => void) => {
        this.settle = { commit, abort };
      },
    }));
  }

  /** Commits, and returns when that is on disk. When it throws, nothing of the transaction is left. */
  commit(): void {
    this.end()?.commit();
  }

  abort(): void {
    try {
      this.end()?.abort(ABORTED);
    } catch (error) {
      if (error !== ABORTED) throw error;
    }
  }

  private end() {
    const { settle } = this;
    this.settle = undefined;
    return settle;
  }
}
