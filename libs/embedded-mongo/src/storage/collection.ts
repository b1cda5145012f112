import { decode, getField, isDocument, numberOf, type Document } from '../bson/document.js';
import { decodeStored, type TopFields } from '../bson/stored.js';
import { afterPrefix, encodeKey, HIGHEST, LOWEST, maxPartBytes, shorten } from '../bson/key.js';
import { CappedTotals, cappedLimits, type CappedLimits } from './capped.js';
import { withId } from './document-id.js';
import { duplicateKey } from './duplicate-key.js';
import { entryKey, keyFields, keysOf, mayMove, type DocumentKeys } from './index-keys.js';
import { isIdIndex, parseIndexSpec, type IndexSpec } from './index-spec.js';
import type { Tables } from './environment.js';
import {
  countPieces,
  countRange,
  prefixOf,
  RECORD_BYTES,
  recordBytes,
  recordKey,
  recordNumber,
  scanKeys,
  scanRange,
} from './range.js';
import { Validation } from './validation.js';

/** A stored document: its number (in order of insertion) and its BSON. */
export interface StoredRecord {
  record: number;
  bytes: Buffer;
}

export interface WriteOptions {
  bypassValidation?: boolean;
}

/** One collection with its indexes. All changing methods run inside `Store.write`. */
export class Collection {
  private readonly prefix: Buffer;
  private readonly end: Buffer;
  /** Grows with every change of a document, so that a slow cursor notices that what it has read may be old. */
  changes = 0;
  /** What it held was removed as a whole: who still reads it finds nothing more. */
  isEmptied = false;
  private lastRecord: number | undefined;
  private validation: Validation;
  private capped: CappedLimits | undefined;
  private totals: CappedTotals | undefined;

  private constructor(
    private readonly tables: Tables,
    private readonly nextId: () => number,
    readonly id: number,
    public database: string,
    public name: string,
    public options: Document,
    public indexes: IndexSpec[],
    /** What it is known by, whatever its storage's id is. */
    readonly identity = id,
  ) {
    this.prefix = prefixOf(id);
    this.end = prefixOf(id + 1);
    this.validation = new Validation(options);
    this.capped = cappedLimits(options);
  }

  static create(
    tables: Tables,
    { database, name, options }: { database: string; name: string; options: Document },
    nextId: () => number,
  ): Collection {
    const id = nextId();
    const idIndex = parseIndexSpec({ key: { _id: 1 }, name: '_id_' }, nextId());
    return new Collection(tables, nextId, id, database, name, options, [idIndex]);
  }

  static fromCatalog(tables: Tables, entry: Document, nextId: () => number): Collection {
    const { id, database, name, options, indexes } = entry;
    const specs = (indexes as Document[]).map((index) =>
      parseIndexSpec(
        index.source as Document,
        numberOf(index.id) ?? 0,
        (index.multikey as unknown[][]).map((depths) => depths.map((depth) => numberOf(depth) ?? 0)),
      ),
    );
    const options_ = isDocument(options) ? options : {};
    const number = numberOf(id) ?? 0;
    const identity = numberOf(entry.identity) ?? number;
    return new Collection(tables, nextId, number, String(database), String(name), options_, specs, identity);
  }

  toCatalog(): Document {
    const indexes = this.indexes.map(({ id, source, multikey }) => ({ id, source, multikey }));
    const { id, identity, database, name, options } = this;
    return { id, ...(identity !== id && { identity }), database, name, options, indexes };
  }

  /** An empty one that can take its place: the same options and indexes over storage of its own. */
  emptied(): Collection {
    const { tables, nextId, database, name, options, identity } = this;
    const indexes = this.indexes.map(({ source }) => parseIndexSpec(source, nextId()));
    return new Collection(tables, nextId, nextId(), database, name, options, indexes, identity);
  }

  get namespace(): string {
    return `${this.database}.${this.name}`;
  }

  setOptions(options: Document): void {
    this.validation = new Validation(options);
    this.capped = cappedLimits(options);
    this.options = options;
  }

  /** Number of documents. */
  count(): number {
    return this.indexes[0] ? this.countEntries(this.indexes[0]) : 0;
  }

  hasMoreThan(limit: number): boolean {
    const [index] = this.indexes;
    return index !== undefined && this.countIndex(index, LOWEST, HIGHEST, limit + 1) > limit;
  }

  /** The same in pieces. The index of the ids has one entry for each document, and is far smaller than they are. */
  countAll(): Iterable<number> {
    return this.indexes[0] ? this.countIn(this.indexes[0], LOWEST, HIGHEST) : [];
  }

  /** How many entries of an index lie in [low, high), in pieces. */
  countIn({ id }: IndexSpec, low: Buffer, high: Buffer): Iterable<number> {
    const prefix = prefixOf(id);
    return countPieces(this.tables.entries, Buffer.concat([prefix, low]), Buffer.concat([prefix, high]));
  }

  get(record: number): Buffer | undefined {
    if (this.isEmptied) return undefined;
    return this.tables.records.get(recordKey(this.id, record));
  }

  /** The same, but valid only until anything else is read. */
  borrow(record: number): Buffer | undefined {
    if (this.isEmptied) return undefined;
    return this.tables.records.borrow(recordKey(this.id, record));
  }

  /** The record with this `_id`, by one look at the index. */
  findId(id: unknown): number | undefined {
    return this.findIdKey(shorten(encodeKey(id), maxPartBytes(1)));
  }

  /** The same by the key of the `_id`. */
  findIdKey(key: Buffer): number | undefined {
    const [index] = this.indexes;
    const value = index && this.tables.entries.borrow(Buffer.concat([prefixOf(index.id), key]));
    return value && recordNumber(value);
  }

  /** All documents in order of insertion. */
  *scan(reverse = false): Generator<StoredRecord> {
    for (const { key, value } of scanRange(this.tables.records, this.prefix, this.end, reverse)) {
      if (this.isEmptied) return;
      yield { record: recordNumber(key, 4), bytes: value };
    }
  }

  /** Those that were inserted after this record. */
  *scanAfter(record: number): Generator<StoredRecord> {
    for (const { key, value } of scanRange(this.tables.records, recordKey(this.id, record + 1), this.end)) {
      yield { record: recordNumber(key, 4), bytes: value };
    }
  }

  /**
   * Entries of an index whose key lies in [low, high), which are without the index's prefix; the entries' keys are with it.
   * The key of most ends in the record's number, so that the entry's value need not be read.
   */
  *scanIndex(index: IndexSpec, low: Buffer, high: Buffer, reverse = false): Generator<{ key: Buffer; record: number }> {
    const prefix = prefixOf(index.id);
    const [start, end] = [Buffer.concat([prefix, low]), Buffer.concat([prefix, high])];
    if (isIdIndex(index)) {
      for (const { key, value } of scanRange(this.tables.entries, start, end, reverse)) {
        yield { key, record: recordNumber(value) };
      }
    } else {
      for (const key of scanKeys(this.tables.entries, start, end, reverse)) {
        yield { key, record: recordNumber(key, key.length - RECORD_BYTES) };
      }
    }
  }

  /** How many entries lie in [low, high), counted up to the limit. */
  countIndex(index: IndexSpec, low: Buffer, high: Buffer, limit?: number): number {
    const prefix = prefixOf(index.id);
    return countRange(this.tables.entries, Buffer.concat([prefix, low]), Buffer.concat([prefix, high]), limit);
  }

  countEntries({ id }: IndexSpec): number {
    return countRange(this.tables.entries, prefixOf(id), prefixOf(id + 1));
  }

  /** Adds a document, with an `_id` when it has none, and returns it. Throws DuplicateKey. */
  insert(source: Document, { bypassValidation = false }: WriteOptions = {}): Document {
    const document = withId(source);
    const bytes = this.validation.encode(document, bypassValidation);
    const record = (this.lastRecord ??= this.readLastRecord()) + 1;
    const additions = this.indexes.map((index) => ({ index, ...keysOf(index, document) }));
    for (const addition of additions) this.refuseDuplicates(addition.index, addition.keys, record, document);
    this.lastRecord = record;
    this.changes++;
    this.account(bytes.length);
    this.tables.records.put(recordKey(this.id, record), bytes);
    for (const addition of additions) {
      this.addEntries(addition.index, addition.keys.values(), record);
      this.noteArrays(addition.index, addition);
    }
    if (this.totals?.isOver) this.removeOldest(this.totals);
    return document;
  }

  /** A capped collection knows what it holds; it is counted once, then kept. */
  private account(bytes: number): void {
    if (!this.capped) return;
    this.totals ??= CappedTotals.of(this.capped, this.sizes());
    this.totals.add(bytes);
  }

  private *sizes(): Generator<number> {
    for (const stored of this.scan()) yield stored.bytes.length;
  }

  private removeOldest(totals: CappedTotals): void {
    for (const { record, bytes } of this.scan()) {
      if (!totals.isOver) return;
      this.remove(record, bytes);
    }
  }

  /** Replaces a document by its next version; false when nothing differs. Throws DuplicateKey. */
  replace(
    record: number,
    before: Document,
    after: Document,
    beforeBytes: Buffer,
    { bypassValidation = false }: WriteOptions = {},
  ): boolean {
    const bytes = this.validation.encode(after, bypassValidation || !this.validation.appliesTo(before));
    if (bytes.equals(beforeBytes)) return false;
    const changes = this.indexes
      .filter((index) => !isIdIndex(index) && mayMove(index, before, after))
      .map((index) => ({ index, old: keysOf(index, before), next: keysOf(index, after) }));
    for (const { index, next } of changes) this.refuseDuplicates(index, next.keys, record, after);
    this.changes++;
    this.totals?.remove(beforeBytes.length);
    this.totals?.add(bytes.length);
    this.tables.records.put(recordKey(this.id, record), bytes);
    for (const { index, old, next } of changes) {
      const removed = [...old.keys].filter(([text]) => !next.keys.has(text)).map(([, key]) => key);
      const added = [...next.keys].filter(([text]) => !old.keys.has(text)).map(([, key]) => key);
      for (const key of removed) this.tables.entries.remove(entryKey(index, key, record));
      this.addEntries(index, added, record);
      this.noteArrays(index, next);
    }
    return true;
  }

  /** The bytes are those of the document that is stored. */
  remove(record: number, bytes: Buffer): void {
    const document = decodeStored(bytes, this.indexedFields());
    this.changes++;
    this.totals?.remove(bytes.length);
    this.tables.records.remove(recordKey(this.id, record));
    for (const index of this.indexes) {
      for (const key of keysOf(index, document).keys.values()) {
        this.tables.entries.remove(entryKey(index, key, record));
      }
    }
  }

  private indexed: { by: IndexSpec[]; fields: TopFields } | undefined;

  /** What of a document has to be known to know its keys. */
  private indexedFields(): TopFields {
    const { indexes } = this;
    if (this.indexed?.by !== indexes) this.indexed = { by: indexes, fields: keyFields(indexes) };
    return this.indexed.fields;
  }

  /** Builds an index over what is there. Throws DuplicateKey and leaves the entries for `Store.discard`. */
  buildIndex(source: Document): { index: IndexSpec; error?: unknown } {
    const index = parseIndexSpec(source, this.nextId());
    try {
      for (const { record, bytes } of this.scan()) {
        const document = decode(bytes);
        const found = keysOf(index, document);
        this.refuseDuplicates(index, found.keys, record, document);
        this.addEntries(index, found.keys.values(), record);
        this.noteArrays(index, found);
      }
      return { index };
    } catch (error) {
      return { index, error };
    }
  }

  /** Called when an index meets an array for the first time: the planner must know after a restart, too. */
  onArraysFound: () => void = () => undefined;

  private noteArrays(index: IndexSpec, { arrays }: DocumentKeys): void {
    let grown = false;
    arrays.forEach((depths, i) => {
      const known = index.multikey[i] ?? [];
      const found = [...depths].filter((depth) => !known.includes(depth));
      if (found.length > 0) index.multikey[i] = [...known, ...found];
      grown ||= found.length > 0;
    });
    if (grown) this.onArraysFound();
  }

  private refuseDuplicates(index: IndexSpec, keys: Map<string, Buffer>, record: number, document: Document): void {
    if (!index.unique) return;
    if (isIdIndex(index)) {
      const other = this.findId(getField(document, '_id'));
      if (other !== undefined && other !== record) throw duplicateKey(this.namespace, index, document);
      return;
    }
    for (const key of keys.values()) {
      for (const other of this.scanIndex(index, key, afterPrefix(key))) {
        if (other.record !== record) throw duplicateKey(this.namespace, index, document);
      }
    }
  }

  private addEntries(index: IndexSpec, keys: Iterable<Buffer>, record: number): void {
    const value = recordBytes(record);
    for (const key of keys) this.tables.entries.put(entryKey(index, key, record), value);
  }

  private readLastRecord(): number {
    for (const { record } of this.scan(true)) return record;
    return 0;
  }
}
