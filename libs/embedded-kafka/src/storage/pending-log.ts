import type { LogEntry } from './log-entry.js';

interface PendingEntry {
  /** Null where the batch is removed. */
  readonly entry: LogEntry | null;
  readonly sequence: number;
}

/** The changes of one partition's log that are on disk, but not yet in the index, by base offset. */
export class PendingLog {
  #offsets: number[] = [];
  readonly #changes = new Map<number, PendingEntry>();

  get size(): number {
    return this.#offsets.length;
  }

  set(offset: number, entry: LogEntry | null, sequence: number): void {
    if (!this.#changes.has(offset)) this.#insert(offset);
    this.#changes.set(offset, { entry, sequence });
  }

  /** Undefined where nothing is pending. */
  get(offset: number): LogEntry | null | undefined {
    return this.#changes.get(offset)?.entry;
  }

  /** Pending offsets in [from, to), in order. */
  offsetsIn(from: number, to: number): number[] {
    return this.#offsets.slice(this.#placeOf(from), this.#placeOf(to));
  }

  /** The last batch at or below `offset` that is there. */
  lastAtOrBelow(offset: number): LogEntry | undefined {
    for (let place = this.#placeOf(offset + 1) - 1; place >= 0; place -= 1) {
      const entry = this.get(this.#offsets[place] ?? -1);
      if (entry !== null && entry !== undefined) return entry;
    }
    return undefined;
  }

  /** Forgets what has reached the index. */
  drop(upToSequence: number): void {
    this.#offsets = this.#offsets.filter((offset) => {
      const isIndexed = (this.#changes.get(offset)?.sequence ?? 0) <= upToSequence;
      if (isIndexed) this.#changes.delete(offset);
      return !isIndexed;
    });
  }

  #insert(offset: number): void {
    const last = this.#offsets.at(-1);
    // Appends, which nearly all of them are, go to the end.
    if (last === undefined || last < offset) this.#offsets.push(offset);
    else this.#offsets.splice(this.#placeOf(offset), 0, offset);
  }

  /** Where the first offset at or above the given one stands. */
  #placeOf(offset: number): number {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] ?? Number.POSITIVE_INFINITY) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
