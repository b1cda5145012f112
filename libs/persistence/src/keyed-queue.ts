/** Runs tasks of one key after each other, tasks of different keys side by side. In this process only. */
export class KeyedQueue {
  private readonly tails = new Map<string, Promise<unknown>>();

  async run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.tails.get(key) ?? Promise.resolve();
    const result = before.then(task, task);
    this.tails.set(key, result);
    try {
      return await result;
    } finally {
      if (this.tails.get(key) === result) this.tails.delete(key);
    }
  }

  /** Keys with a task that waits or runs. */
  get size(): number {
    return this.tails.size;
  }
}
