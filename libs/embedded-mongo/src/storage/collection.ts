import { decode, getField, isDocument, numberOf, type Document } from '../bson/document.js';
import { decodeStored, type TopFields } from '../bson/stored.js';
import { afterPrefix } from '../bson/key.js';
import { CappedTotals, cappedLimits, type CappedLimits } from './capped.js';
import { CollectionReader } from './collection-reader.js';
import { beginsWithId, checkId, withId } from './document-id.js';
import { duplicateKey } from './duplicate-key.js';
import { entryKey, keyFields, keyOfId, keysOf, mayMove, type DocumentKeys } from './index-keys.js';
import { isIdIndex, parseIndexSpec, type IndexSpec } from './index-spec.js';
import type { Tables } from './environment.js';
import { PREFIX_BYTES, recordBytes, recordKey, recordNumber, scanKeys } from './range.js';
import { RemovedRecords } from './removed-records.js';
import { checkSize, Validation } from './validation.js';

export interface WriteOptions {
  bypassValidation?: boolean;
}

/** So few documents are removed at once with all they take up: sooner than a second transaction would be. */
const FEW_REMOVED = 8;
/** So many that are removed are much in the way of those who look for others: some 20 ms for who has to pass them all. */
const MANY_REMOVED = 20_000;

/** One collection with its indexes. All changing methods run inside `Store.write`. */
export class Collection extends CollectionReader {
  private lastRecord: number | undefined;
  private validation: Validation;
  private capped: CappedLimits | undefined;
  private totals: CappedTotals | undefined;

  private constructor(
    tables: Tables,
    removed: RemovedRecords,
    private readonly nextId: () => number,
    id: number,
    public database: string,
    public name: string,
    public options: Document,
    public indexes: IndexSpec[],
    /** What it is known by, whatever its storage's id is. */
    readonly identity = id,
  ) {
    super(tables, removed, id);
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
    const removed = new RemovedRecords(tables.catalog, id);
    const created = new Collection(tables, removed, nextId, id, database, name, options, [idIndex]);
    created.known = 0;
    return created;
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
    const removed = RemovedRecords.read(tables.catalog, number);
    return new Collection(tables, removed, nextId, number, String(database), String(name), options_, specs, identity);
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
    const id = nextId();
    const removed = new RemovedRecords(tables.catalog, id);
    const empty = new Collection(tables, removed, nextId, id, database, name, options, indexes, identity);
    empty.known = 0;
    return empty;
  }

  get namespace(): string {
    return `${this.database}.${this.name}`;
  }

  /** It has no documents of its own. */
  get isView(): boolean {
    return 'viewOn' in this.options;
  }

  setOptions(options: Document): void {
    this.validation = new Validation(options);
    this.capped = cappedLimits(options);
    this.options = options;
  }

  /** Adds a document, with an `_id` when it has none, and returns it. Throws DuplicateKey. */
  insert(source: Document, { bypassValidation = false }: WriteOptions = {}): Document {
    const document = withId(source);
    this.add(document, this.validation.encode(document, bypassValidation));
    return document;
  }

  /** The same for one that has the form in which it is stored; only what the indexes look at is decoded. */
  insertStored(bytes: Buffer, options: WriteOptions = {}): void {
    if (this.validation.looks || !beginsWithId(bytes)) return void this.insert(decodeStored(bytes), options);
    const document = decodeStored(bytes, this.indexedFields());
    checkId(document._id);
    checkSize(bytes);
    this.add(document, bytes);
  }

  /** Of the document all that the indexes look at is needed. */
  private add(document: Document, bytes: Buffer): void {
    const record = (this.lastRecord ??= this.readLastRecord()) + 1;
    const [ids, ...others] = this.indexes;
    const additions = others.map((index) => ({ index, ...keysOf(index, document) }));
    for (const addition of additions) this.refuseDuplicates(addition.index, addition.keys, record, document);
    if (ids) this.addId(ids, record, document);
    this.lastRecord = record;
    this.changed(1);
    this.account(bytes.length);
    this.tables.records.put(recordKey(this.id, record), bytes);
    for (const addition of additions) {
      this.addEntries(addition.index, addition.keys.values(), record);
      this.noteArrays(addition.index, addition);
    }
    if (this.totals?.isOver) this.removeOldest(this.totals);
  }

  /** By so many documents there are more. */
  private changed(by: number): void {
    this.changes++;
    if (this.known !== undefined) this.known += by;
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
    this.changed(0);
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
    this.changed(-1);
    this.totals?.remove(bytes.length);
    this.erase(record, bytes, () => true);
  }

  private erase(record: number, bytes: Buffer, isOwn: (entry: Buffer) => boolean): void {
    const document = decodeStored(bytes, this.indexedFields());
    this.tables.records.remove(recordKey(this.id, record));
    for (const index of this.indexes) {
      for (const key of keysOf(index, document).keys.values()) {
        const entry = entryKey(index, key, record);
        if (!isIdIndex(index) || isOwn(entry)) this.tables.entries.remove(entry);
      }
    }
  }

  /**
   * Removes documents for all who look. What many take up is given back later, by `reclaim`: to take each of their keys
   * out of each index is ten times the work. Each of the numbers is there, and there once.
   */
  removeAll(records: readonly number[]): void {
    if (this.capped || records.length <= FEW_REMOVED) {
      for (const record of records) {
        const bytes = this.get(record);
        if (bytes) this.remove(record, bytes);
      }
      return;
    }
    this.changed(-records.length);
    this.removed.add(records);
    this.onRemoved();
  }

  /** Called when there is something to reclaim. */
  onRemoved: () => void = () => undefined;

  /** Something that was removed still takes up space. */
  get owes(): boolean {
    return this.removed.size > 0;
  }

  /** Who removes more should wait. */
  get owesMuch(): boolean {
    return this.removed.size > MANY_REMOVED;
  }

  /** Gives back some of it. */
  reclaim(): void {
    for (const record of this.removed.take()) {
      const bytes = this.stored(record);
      // The same `_id` may have been given again since the document was removed.
      if (bytes) this.erase(record, bytes, (entry) => this.recordAt(entry) === record);
    }
  }

  /** When the collection goes, with all that it takes up. */
  forgetRemoved(): void {
    this.removed.forget();
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

  /** Refuses an `_id` that is there when it is written, so that it is looked for once; nothing else is written then. */
  private addId(ids: IndexSpec, record: number, document: Document): void {
    const key = keyOfId(document);
    const entry = entryKey(ids, key, record);
    const value = recordBytes(record);
    if (this.tables.entries.add(entry, value)) return;
    if (this.findIdKey(key) !== undefined) throw duplicateKey(this.namespace, ids, document);
    // It leads to a document that was removed, and whose space is not given back yet.
    this.tables.entries.put(entry, value);
  }

  private refuseDuplicates(index: IndexSpec, keys: Map<string, Buffer>, record: number, document: Document): void {
    if (!index.unique) return;
    for (const key of keys.values()) {
      for (const other of this.scanIndex(index, key, afterPrefix(key))) {
        if (other === record) continue;
        // Of several indexes the first one says so, which is that of the ids.
        const sameId = this.findId(getField(document, '_id')) ?? record;
        throw duplicateKey(this.namespace, sameId === record ? index : (this.indexes[0] ?? index), document);
      }
    }
  }

  private addEntries(index: IndexSpec, keys: Iterable<Buffer>, record: number): void {
    const value = recordBytes(record);
    for (const key of keys) this.tables.entries.put(entryKey(index, key, record), value);
  }

  /** Removed ones count: their numbers must not be given again while something of them is there. */
  private readLastRecord(): number {
    for (const key of scanKeys(this.tables.records, this.prefix, this.end, { reverse: true })) {
      return recordNumber(key, PREFIX_BYTES);
    }
    return 0;
  }
}
