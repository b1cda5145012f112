import { encodeKey, HIGHEST, LOWEST, maxPartBytes, shorten } from '../bson/key.js';
import type { Tables } from './environment.js';
import { entryKey } from './index-keys.js';
import { isIdIndex, type IndexSpec } from './index-spec.js';
import {
  countPieces,
  countRange,
  countUpTo,
  inPieces,
  PREFIX_BYTES,
  prefixOf,
  RECORD_BYTES,
  recordKey,
  recordNumber,
  recordsAtEnd,
  scanKeys,
  scanNumbers,
  scanRange,
  type Entry,
} from './range.js';
import type { RemovedRecords } from './removed-records.js';

/** A stored document: its number (in order of insertion) and its BSON. */
export interface StoredRecord {
  record: number;
  bytes: Buffer;
}

/** What of a collection is there, for all who look: nothing of what was removed, though it may still take up space. */
export abstract class CollectionReader {
  protected readonly prefix: Buffer;
  protected readonly end: Buffer;
  abstract indexes: IndexSpec[];
  /** Grows with every change of a document, so that a slow cursor notices that what it has read may be old. */
  changes = 0;
  /** How many documents there are, from when somebody has counted them: kept with every change, and never stored. */
  protected known: number | undefined;
  /** What it held was removed as a whole: who still reads it finds nothing more. */
  isEmptied = false;

  protected constructor(
    protected readonly tables: Tables,
    protected readonly removed: RemovedRecords,
    readonly id: number,
  ) {
    this.prefix = prefixOf(id);
    this.end = prefixOf(id + 1);
  }

  /** Number of documents. The index of the ids has one entry for each, and is far smaller than they are. */
  count(): number {
    return (this.known ??= this.indexes[0] ? this.countEntries(this.indexes[0]) : 0);
  }

  hasMoreThan(limit: number): boolean {
    if (this.known !== undefined) return this.known > limit;
    const [ids] = this.indexes;
    return ids !== undefined && this.countIndex(ids, LOWEST, HIGHEST, limit + 1) > limit;
  }

  /** The same as `count` in pieces. */
  *countAll(): Generator<number> {
    if (this.known !== undefined) return yield this.known;
    const { changes } = this;
    const [ids] = this.indexes;
    let sum = 0;
    for (const piece of ids ? this.countIn(ids, LOWEST, HIGHEST) : []) {
      sum += piece;
      yield piece;
    }
    // Of what changed between the pieces nobody knows whether it is in the sum.
    if (this.changes === changes) this.known = sum;
  }

  /** How many entries of an index lie in [low, high), in pieces. */
  countIn(index: IndexSpec, low: Buffer, high: Buffer): Iterable<number> {
    if (this.removed.size > 0) return inPieces(this.scanIndex(index, low, high));
    const prefix = prefixOf(index.id);
    return countPieces(this.tables.entries, Buffer.concat([prefix, low]), Buffer.concat([prefix, high]));
  }

  get(record: number): Buffer | undefined {
    return this.isEmptied || this.removed.has(record) ? undefined : this.stored(record);
  }

  protected stored(record: number): Buffer | undefined {
    return this.tables.records.get(recordKey(this.id, record));
  }

  /** The same, but valid only until anything else is read. */
  borrow(record: number): Buffer | undefined {
    if (this.isEmptied || this.removed.has(record)) return undefined;
    return this.tables.records.borrow(recordKey(this.id, record));
  }

  /** The record with this `_id`, by one look at the index. */
  findId(id: unknown): number | undefined {
    return this.findIdKey(shorten(encodeKey(id), maxPartBytes(1)));
  }

  /** The same by the key of the `_id`. */
  findIdKey(key: Buffer): number | undefined {
    const [ids] = this.indexes;
    const record = ids && this.recordAt(entryKey(ids, key, 0));
    return record === undefined || this.removed.has(record) ? undefined : record;
  }

  protected recordAt(entry: Buffer): number | undefined {
    const value = this.tables.entries.beginning(entry);
    return value && recordNumber(value);
  }

  /** All documents in order of insertion. */
  scan(reverse = false): Generator<StoredRecord> {
    return this.scanFrom(this.prefix, reverse);
  }

  /** Those that were inserted after this record. */
  scanAfter(record: number): Generator<StoredRecord> {
    return this.scanFrom(recordKey(this.id, record + 1));
  }

  private *scanFrom(start: Buffer, reverse = false): Generator<StoredRecord> {
    const isGone = ({ key }: Entry) => this.isGone(key, PREFIX_BYTES);
    for (const { key, value } of scanRange(this.tables.records, start, this.end, { reverse, isGone })) {
      yield { record: recordNumber(key, PREFIX_BYTES), bytes: value };
    }
  }

  /** Their numbers alone. */
  *scanRecords(reverse = false): Generator<number> {
    const isGone = (key: Buffer) => this.isGone(key, PREFIX_BYTES);
    for (const key of scanKeys(this.tables.records, this.prefix, this.end, { reverse, isGone })) {
      yield recordNumber(key, PREFIX_BYTES);
    }
  }

  private isGone(bytes: Buffer, offset: number): boolean {
    return this.isEmptied || this.isRemoved(bytes, offset);
  }

  private isRemoved(bytes: Buffer, offset: number): boolean {
    return this.removed.size > 0 && this.removed.has(recordNumber(bytes, offset));
  }

  /** The records of an index's entries whose key lies in [low, high), which are without the index's prefix. */
  scanIndex(index: IndexSpec, low: Buffer, high: Buffer, reverse = false): Generator<number> {
    if (!isIdIndex(index)) return recordsAtEnd(this.scanEntries(index, low, high, reverse));
    const prefix = prefixOf(index.id);
    const [start, end] = [Buffer.concat([prefix, low]), Buffer.concat([prefix, high])];
    return scanNumbers(this.tables, start, end, { reverse, isGone: (record) => this.removed.has(record) });
  }

  /** The same entries' keys, with the prefix, for any index but that of the ids: they end in the record's number. */
  scanEntries(index: IndexSpec, low: Buffer, high: Buffer, reverse = false): Generator<Buffer> {
    const prefix = prefixOf(index.id);
    const [start, end] = [Buffer.concat([prefix, low]), Buffer.concat([prefix, high])];
    const isGone = (key: Buffer) => this.isRemoved(key, key.length - RECORD_BYTES);
    return scanKeys(this.tables.entries, start, end, { reverse, isGone });
  }

  /** How many entries lie in [low, high), counted up to the limit. */
  countIndex(index: IndexSpec, low: Buffer, high: Buffer, limit = Infinity): number {
    if (this.removed.size > 0) return countUpTo(this.scanIndex(index, low, high), limit);
    const prefix = prefixOf(index.id);
    return countRange(this.tables.entries, Buffer.concat([prefix, low]), Buffer.concat([prefix, high]), limit);
  }

  countEntries(index: IndexSpec): number {
    return this.countIndex(index, LOWEST, HIGHEST);
  }
}
