import type { DurableStore } from './storage.js';
import { WriteBatch } from './write-batch.js';

/** What one task does to the state in memory besides its writes. */
export interface Prepared<T> {
  readonly result: T;
  /** Called once the writes are on disk. */
  readonly committed?: () => void;
  /** Takes back what `prepare` changed, when the disk refused. */
  readonly undo?: () => void;
}

type Prepare<T> = (writes: WriteBatch) => Prepared<T>;

interface Task {
  /** Throws when the task is refused by its own rules: only that task fails. */
  prepare(writes: WriteBatch): void;
  committed(): void;
  failed(error: unknown): void;
}

/**
 * Group commit: while one flush is under way, tasks gather; then all of them are prepared in order and share the next
 * flush. Only one flush is ever under way, so a failed one can be taken back exactly.
 */
export class CommitQueue {
  readonly #store: DurableStore;
  #waiting: Task[] = [];
  #running: Promise<void> | null = null;
  #flushes = 0;

  constructor(store: DurableStore) {
    this.#store = store;
  }

  get flushes(): number {
    return this.#flushes;
  }

  /** Resolves with the task's result when its writes are on disk. */
  submit<T>(prepare: Prepare<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(taskOf(prepare, resolve, reject));
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is waiting any more. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // Requests of other connections that arrived in the same turn of the event loop join this flush.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const tasks = this.#waiting;
      this.#waiting = [];
      await this.#commit(tasks);
    }
    this.#running = null;
  }

  async #commit(tasks: readonly Task[]): Promise<void> {
    const writes = new WriteBatch();
    const prepared: Task[] = [];
    for (const task of tasks) {
      const own = new WriteBatch();
      try {
        task.prepare(own);
      } catch (error) {
        task.failed(error);
        continue;
      }
      writes.add(own);
      prepared.push(task);
    }
    try {
      if (writes.writes.length > 0) {
        await this.#store.commit(writes);
        this.#flushes += 1;
      }
    } catch (error) {
      for (const task of prepared.toReversed()) task.failed(error);
      return;
    }
    for (const task of prepared) task.committed();
  }
}

function taskOf<T>(prepare: Prepare<T>, resolve: (result: T) => void, reject: (error: unknown) => void): Task {
  let prepared: Prepared<T> | undefined;
  return {
    prepare(writes) {
      prepared = prepare(writes);
    },
    committed() {
      if (prepared === undefined) return;
      prepared.committed?.();
      resolve(prepared.result);
    },
    failed(error) {
      prepared?.undo?.();
      reject(error);
    },
  };
}
