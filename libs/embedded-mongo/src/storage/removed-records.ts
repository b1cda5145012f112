import { RECORD_BYTES, recordNumber, writeRecord } from './range.js';
import type { Table } from './table.js';

/** Records that are reclaimed at once: some two milliseconds. */
const CHUNK = 128;

/**
 * The records of a collection that were removed and still take up space, with their entries in the indexes. The catalog
 * holds the same list in chunks; each goes in the transaction in which its records do, so that a number in the list is
 * always that of a removed record, and never given to another.
 */
export class RemovedRecords {
  private readonly numbers = new Set<number>();
  private readonly chunks = new Map<string, readonly number[]>();

  constructor(
    private readonly catalog: Table<string>,
    private readonly collection: number,
  ) {}

  /** As the catalog has it. */
  static read(catalog: Table<string>, collection: number): RemovedRecords {
    const removed = new RemovedRecords(catalog, collection);
    for (const { key, value } of catalog.range({ start: `d:${collection}:`, end: `d:${collection};` })) {
      const records = Array.from({ length: value.length / RECORD_BYTES }, (_, i) =>
        recordNumber(value, i * RECORD_BYTES),
      );
      removed.keep(key, records);
    }
    return removed;
  }

  get size(): number {
    return this.numbers.size;
  }

  has(record: number): boolean {
    return this.numbers.size > 0 && this.numbers.has(record);
  }

  add(records: readonly number[]): void {
    for (let from = 0; from < records.length; from += CHUNK) {
      const chunk = records.slice(from, from + CHUNK);
      const key = `d:${this.collection}:${chunk[0]}`;
      this.catalog.put(key, bytesOf(chunk));
      this.keep(key, chunk);
    }
  }

  private keep(key: string, chunk: readonly number[]): void {
    this.chunks.set(key, chunk);
    for (const record of chunk) this.numbers.add(record);
  }

  /** Takes the oldest chunk out of the list. */
  take(): readonly number[] {
    const [oldest] = this.chunks;
    if (!oldest) return [];
    const [key, chunk] = oldest;
    this.catalog.remove(key);
    this.chunks.delete(key);
    for (const record of chunk) this.numbers.delete(record);
    return chunk;
  }

  /** Takes the list out of the catalog, when the collection goes; who still reads that goes on with it. */
  forget(): void {
    for (const key of this.chunks.keys()) this.catalog.remove(key);
  }
}

function bytesOf(records: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(records.length * RECORD_BYTES);
  records.forEach((record, i) => writeRecord(bytes, record, i * RECORD_BYTES));
  return bytes;
}
