import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { isNewOrLmdbFile } from '#embedded-disk';
import { decode, encode, numberOf } from '../bson/document.js';
import { Changes, readChanges } from './changes.js';
import { ID_BYTES, Journal } from './journal.js';
import { OpenTransaction } from './open-transaction.js';
import { UnknownFormatError } from './store.errors.js';
import { recordBytes, recordNumber } from './range.js';
import { NumberTable, Table } from './table.js';

export interface Tables {
  /** What exists, by text. */
  catalog: Table<string>;
  records: Table<Buffer>;
  entries: Table<Buffer>;
  /** What the entries lead to. */
  numbers: NumberTable;
}

/** 2: there may be a journal beside the file. 3: the catalog may list records that are removed (`RemovedRecords`). */
const DATA_FORMAT = 3;
const READABLE_FORMATS: ReadonlySet<number> = new Set([1, 2, DATA_FORMAT]);
const FORMAT_KEY = 'format';
const MAP_BYTES = 2 ** 30;
/** Where the file says up to which batch of the journal it holds everything. */
const POSITION_KEY = 'journal';
/** So much of the journal may have to be read at a start, in a tenth of a second. */
const CHECKPOINT_BYTES = 4 * 2 ** 20;

interface OpenFile {
  root: RootDatabase<Buffer, string>;
  records: Database<Buffer, Buffer>;
  entries: Database<Buffer, Buffer>;
  /** The same table, read without its keys. */
  numbers: Database<number, Buffer>;
}

/**
 * The LMDB file with its tables, and a journal in front of it. One transaction of the file is always open: all reads
 * see what is written in it. A commit appends the changes to the journal and flushes that, once; the transaction is
 * committed, and flushed by LMDB, when the journal has grown (a checkpoint). After a crash the file is as it was at the
 * last checkpoint, and the journal has what came since.
 */
export class Environment {
  private file: OpenFile;
  private readonly journal: Journal;
  private readonly changes = new Changes();
  private transaction: OpenTransaction;
  private id = Buffer.alloc(ID_BYTES);
  /** Of the last batch that is on disk. */
  private sequence = 0;
  /** The journal was long at a checkpoint that failed: the next one waits until it has grown again. */
  private checkpointAt = CHECKPOINT_BYTES;
  readonly tables: Tables;

  private constructor(private readonly dataDir: string) {
    this.file = openFile(dataDir);
    const { root, records, entries, numbers } = this.file;
    const bytes = (key: Buffer) => Buffer.from(key);
    this.tables = {
      catalog: new Table<string>(0, root, this.changes, (key) => key.toString('utf8')),
      records: new Table(1, records, this.changes, bytes),
      entries: new Table(2, entries, this.changes, bytes),
      numbers: new NumberTable(numbers),
    };
    const format = formatOf(this.tables);
    if (format !== undefined && !READABLE_FORMATS.has(format)) {
      void root.close();
      throw new UnknownFormatError(format, DATA_FORMAT);
    }
    this.journal = Journal.open(join(dataDir, 'journal'));
    this.transaction = new OpenTransaction(root);
    this.replay();
    if (format !== DATA_FORMAT) this.begin();
  }

  /** The id of the database has to be on disk before the journal can be used. */
  private begin(): void {
    this.tables.catalog.put(FORMAT_KEY, encode({ format: DATA_FORMAT }));
    this.changes.clear();
    this.checkpoint();
  }

  /**
   * Throws UnknownFormatError for a file of a later version, or of another program. What the journal holds is in the
   * tables afterwards.
   */
  static open(dataDir: string): Environment {
    return new Environment(dataDir);
  }

  /** Where the data lies. */
  get path(): string {
    return join(this.dataDir, 'data.mdb');
  }

  /** Brings the file, which is as it was at its last checkpoint, to where the journal ends. */
  private replay(last = Infinity): void {
    const position = this.tables.catalog.get(POSITION_KEY);
    this.id = position ? Buffer.from(position.subarray(0, ID_BYTES)) : randomBytes(ID_BYTES);
    this.sequence = position ? position.readDoubleLE(ID_BYTES) : 0;
    const { catalog, records, entries } = this.tables;
    const tables = [catalog, records, entries];
    for (const { sequence, bytes } of this.journal.read(this.id, this.sequence, last)) {
      for (const { table, key, value } of readChanges(bytes)) tables[table]?.replay(key, value);
      this.sequence = sequence;
    }
  }

  /**
   * Runs changes and flushes them. When it throws, nothing of them is left, neither here nor on disk; what came before
   * is as it was.
   */
  transact(change: () => void): void {
    try {
      change();
      this.flush();
    } catch (error) {
      this.undo();
      throw error;
    }
  }

  private flush(): void {
    const { changes } = this;
    if (changes.failure) throw changes.failure;
    if (changes.isLarge) this.checkpoint();
    else if (!changes.isEmpty) this.append(changes.batch);
    changes.clear();
  }

  /** To the journal; when that cannot be written (it may have to grow, on a full disk), to the file. */
  private append(batch: Buffer): void {
    this.sequence++;
    try {
      this.journal.append(this.id, this.sequence, batch);
    } catch (error) {
      try {
        // With this number, so that what the journal may hold under it is never read.
        this.checkpoint();
      } catch {
        this.sequence--;
        throw error;
      }
    }
  }

  /** Bytes of the journal that the file does not hold yet. */
  get journalLength(): number {
    return this.journal.length;
  }

  /** Whether the journal is so long that the file should have what is in it. */
  get isCheckpointDue(): boolean {
    return this.journal.length > this.checkpointAt;
  }

  /** Commits the transaction; what the journal holds is in the file then. When it throws, the journal still holds it. */
  checkpoint(): void {
    const position = Buffer.alloc(ID_BYTES + 8);
    this.id.copy(position);
    position.writeDoubleLE(this.sequence, ID_BYTES);
    this.file.root.putSync(POSITION_KEY, position);
    this.transaction.commit();
    this.journal.restart();
    this.checkpointAt = CHECKPOINT_BYTES;
    this.transaction = new OpenTransaction(this.file.root);
  }

  /** A checkpoint that can be made later when it cannot be now: nothing but the journal's length depends on it. */
  tryCheckpoint(): void {
    try {
      this.checkpoint();
    } catch (error) {
      console.error('embedded database: its journal could not be written to its file yet', error);
      this.checkpointAt = this.journal.length + CHECKPOINT_BYTES;
      this.undo();
    }
  }

  /** Back to the last batch that is on disk. */
  private undo(): void {
    this.changes.clear();
    this.transaction.abort();
    this.transaction = new OpenTransaction(this.file.root);
    this.replay(this.sequence);
    this.journal.discardUnflushed();
  }

  /**
   * Closes and opens the file: the pages of it that were read count as memory of this process until then. Nobody may
   * read or write meanwhile.
   */
  async reopen(): Promise<void> {
    try {
      this.checkpoint();
    } catch (error) {
      this.undo();
      throw error;
    }
    this.transaction.abort();
    await this.file.root.close();
    this.file = openFile(this.dataDir);
    this.tables.catalog.rebind(this.file.root);
    this.tables.records.rebind(this.file.records);
    this.tables.entries.rebind(this.file.entries);
    this.tables.numbers.rebind(this.file.numbers);
    this.transaction = new OpenTransaction(this.file.root);
  }

  /** Ends the transaction without a checkpoint; the journal has what is missing in the file. */
  leave(): void {
    this.transaction.abort();
  }

  async close(): Promise<void> {
    this.tryCheckpoint();
    this.transaction.abort();
    await this.file.root.close();
    this.journal.close();
  }
}

/** As lmdb's own encoding `binary` of keys, but what is read has no memory of its own each. */
const KEYS_OF_BYTES = {
  writeKey: (key: Buffer, target: Buffer, start: number): number => {
    target.set(key, start);
    return start + key.length;
  },
  readKey: (source: Buffer, start: number, end: number): Buffer => {
    const key = Buffer.allocUnsafe(end - start);
    for (let i = 0; i < key.length; i++) key[i] = source[start + i] ?? 0;
    return key;
  },
};

/** The same for values of a range; what is longer is sooner copied by one call. */
const SHORT_BYTES = 32;
const VALUES_OF_BYTES = {
  encode: (value: Buffer): Buffer => value,
  decode: (bytes: Buffer, size: number): Buffer => {
    const value = Buffer.allocUnsafe(size);
    if (size > SHORT_BYTES) value.set(new Uint8Array(bytes.buffer, bytes.byteOffset, size));
    else for (let i = 0; i < size; i++) value[i] = bytes[i] ?? 0;
    return value;
  },
};

/** Entries as the numbers of the records that they lead to. */
const NO_KEYS = { ...KEYS_OF_BYTES, readKey: () => undefined };
const RECORD_NUMBERS = { encode: recordBytes, decode: (bytes: Buffer) => recordNumber(bytes) };

function formatOf({ catalog }: Tables): number | undefined {
  const format = catalog.get(FORMAT_KEY);
  return format && numberOf(decode(format).format);
}

function openFile(dataDir: string): OpenFile {
  if (!isNewOrLmdbFile(join(dataDir, 'data.mdb'))) throw new UnknownFormatError('unknown', DATA_FORMAT);
  const root = open<Buffer, string>({
    path: dataDir,
    maxDbs: 4,
    mapSize: MAP_BYTES,
    encoding: 'binary',
    // All commits are flushed before they return.
    overlappingSync: false,
  });
  const table = (name: string): Database<Buffer, Buffer> => {
    const options = { name, encoding: 'binary', keyEncoder: KEYS_OF_BYTES, encoder: VALUES_OF_BYTES } as const;
    return root.openDB<Buffer, Buffer>(options);
  };
  const [records, entries] = [table('records'), table('entries')];
  const asNumbers = { name: 'entries', encoding: 'binary', keyEncoder: NO_KEYS, encoder: RECORD_NUMBERS } as const;
  return { root, records, entries, numbers: root.openDB<number, Buffer>(asNumbers) };
}
