import type { Database } from 'lmdb';
import type { Changes } from './changes.js';

export type Key = Buffer | string;

export interface RangeOptions<K> {
  start: K;
  end: K;
  reverse?: boolean;
  limit?: number;
  offset?: number;
  exclusiveStart?: boolean;
  inclusiveEnd?: boolean;
}

const ONLY_NEW = { noOverwrite: true } as const;

/** One table of the file. What is changed is noted for the journal. */
export class Table<K extends Key> {
  constructor(
    private readonly number: number,
    private db: Database<Buffer, K>,
    private readonly changes: Changes,
    private readonly keyOf: (bytes: Buffer) => K,
  ) {}

  /** The same table after its file was opened anew. */
  rebind(db: Database<Buffer, K>): void {
    this.db = db;
  }

  get(key: K): Buffer | undefined {
    const bytes = this.borrow(key);
    // Of one piece of memory with others: far cheaper than one of its own for each.
    return bytes && Buffer.from(bytes);
  }

  /** The value where the file's library puts it: valid until anything else is read. */
  borrow(key: K): Buffer | undefined {
    const bytes = this.beginning(key);
    // Its `length` is the value's, but what it is a view of is longer.
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The same for who knows how long it is: what follows it is none of it. */
  beginning(key: K): Buffer | undefined {
    return this.db.getBinaryFast(key);
  }

  put(key: K, value: Buffer): void {
    this.write(() => this.db.putSync(key, value));
    this.changes.add(this.number, bytesOf(key), value);
  }

  /** Puts it where nothing is yet: one look into the tree for both. False, and nothing is changed, where something is. */
  add(key: K, value: Buffer): boolean {
    // Its types do not know that it answers (lmdb 3.5.6).
    const done: unknown = this.write(() => this.db.putSync(key, value, ONLY_NEW));
    const isNew = done === true;
    if (isNew) this.changes.add(this.number, bytesOf(key), value);
    return isNew;
  }

  remove(key: K): void {
    this.write(() => this.db.removeSync(key));
    this.changes.add(this.number, bytesOf(key), undefined);
  }

  /** A change that the journal holds already. */
  replay(key: Buffer, value: Buffer | undefined): void {
    if (value) this.db.putSync(this.keyOf(key), value);
    else this.db.removeSync(this.keyOf(key));
  }

  private write<T>(change: () => T): T {
    try {
      return change();
    } catch (error) {
      this.changes.failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  range(options: RangeOptions<K>): { key: K; value: Buffer }[] {
    return [...this.db.getRange(options)];
  }

  keys(options: RangeOptions<K>): K[] {
    return [...this.db.getKeys(options)];
  }

  count(start: K, end: K): number {
    return this.db.getKeysCount({ start, end });
  }
}

/** The values of a table that are numbers of records: to read a key with each takes longer than all else. */
export class NumberTable {
  constructor(private db: Database<number, Buffer>) {}

  rebind(db: Database<number, Buffer>): void {
    this.db = db;
  }

  range(options: RangeOptions<Buffer>): number[] {
    return Array.from(this.db.getRange(options), ({ value }) => value);
  }
}

function bytesOf(key: Key): Buffer {
  return typeof key === 'string' ? Buffer.from(key, 'utf8') : key;
}
