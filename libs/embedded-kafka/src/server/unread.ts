/** Answers that lie in memory as their clients do not read as fast as they ask. */
export class Unread {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts an answer until `taken` is settled. */
  async hold(bytes: number, taken: Promise<void>): Promise<void> {
    this.#bytes += bytes;
    await taken.finally(() => (this.#bytes -= bytes));
  }
}
