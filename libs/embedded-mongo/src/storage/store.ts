import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { open, type RootDatabase } from 'lmdb';
import { decode, encode, numberOf, type Document } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';
import { Collection, type Tables } from './collection.js';
import { lockFolder } from './data-lock.js';
import { DiskGuard } from './disk-guard.js';
import { isNewOrLmdbFile } from './file-check.js';
import { prefixOf, removePrefix, type BinaryDatabase } from './range.js';
import { UnknownFormatError } from './store.errors.js';

const DATA_FORMAT = 1;
const PURGE_CHUNK = 2_000;
const MAP_BYTES = 2 ** 30;

export interface StoreOptions {
  /** Added to every flush, in ms; for tests. */
  flushDelayMs?: number;
  /** Free bytes of the disk that are never written into. */
  reserveBytes?: number;
}

/**
 * Databases, collections and their indexes in one LMDB environment. Three tables: `catalog` (what exists), `records`
 * (collection, record number → document) and `entries` (index, key, record number → record number).
 */
export class Store {
  private readonly collections = new Map<string, Collection>();
  private lastId = 0;
  private purging: Promise<void> = Promise.resolve();
  private closed = false;

  private constructor(
    private readonly root: RootDatabase<Buffer, string>,
    private readonly tables: Tables,
    private readonly unlock: () => void,
    private readonly disk: DiskGuard,
    private readonly flushDelayMs: number,
  ) {}

  /** Opens or creates the folder. Throws DataLockedError or UnknownFormatError. Nothing is read but the catalog. */
  static open(dataDir: string, options: StoreOptions = {}): Store {
    mkdirSync(dataDir, { recursive: true });
    const unlock = lockFolder(dataDir);
    try {
      if (!isNewOrLmdbFile(join(dataDir, 'data.mdb'))) throw new UnknownFormatError('unknown', DATA_FORMAT);
      const root = open<Buffer, string>({ path: dataDir, maxDbs: 4, mapSize: MAP_BYTES, encoding: 'binary' });
      const table = (name: string): BinaryDatabase =>
        root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
      const tables = { records: table('records'), entries: table('entries') };
      const disk = new DiskGuard(dataDir, options.reserveBytes ?? 0);
      const store = new Store(root, tables, unlock, disk, options.flushDelayMs ?? 0);
      store.load();
      return store;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  private load(): void {
    const format = this.root.get('format');
    const found = format ? numberOf(decode(format).format) : undefined;
    if (found !== undefined && found !== DATA_FORMAT) {
      void this.root.close();
      throw new UnknownFormatError(found, DATA_FORMAT);
    }
    if (found === undefined) this.root.putSync('format', encode({ format: DATA_FORMAT }));
    this.loadCatalog();
    const left = [...this.root.getKeys({ start: 'p:', end: 'p;' })];
    if (left.length > 0) this.purge(left);
  }

  private loadCatalog(): void {
    this.collections.clear();
    for (const { key, value } of this.root.getRange({ start: 'c:', end: 'c;' })) {
      const collection = Collection.fromCatalog(this.tables, decode(value), () => this.nextId());
      this.adopt(key.slice(2), collection);
    }
    const lastId = this.root.get('last-id');
    this.lastId = lastId ? (numberOf(decode(lastId).id) ?? 0) : 0;
  }

  /** Ids of collections and indexes are never given twice, so what is left of a dropped one cannot come back. */
  private nextId(): number {
    this.lastId += 1;
    this.root.putSync('last-id', encode({ id: this.lastId }));
    return this.lastId;
  }

  /**
   * Runs a change alone, without interruption, and resolves when it is on disk. One write runs at a time; those that
   * wait together share one flush. What the change throws is thrown here; it must check before it writes. Throws
   * OutOfDiskSpace before anything is changed, unless the write `frees` space.
   */
  async write<T>(change: () => T, frees = false): Promise<T> {
    if (!frees) this.disk.check();
    const outcome = await this.commit(() => {
      try {
        return { value: change() };
      } catch (error) {
        return { error };
      }
    });
    await this.root.flushed;
    if (this.flushDelayMs > 0) await pause(this.flushDelayMs);
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** A commit that fails took nothing with it: what was already changed in memory is read again. */
  private async commit<T>(change: () => T): Promise<T> {
    try {
      return await this.root.transaction(change);
    } catch (error) {
      this.loadCatalog();
      throw this.disk.explain(error);
    }
  }

  collection(database: string, name: string): Collection | undefined {
    return this.collections.get(`${database}\0${name}`);
  }

  collectionsOf(database: string): Collection[] {
    return this.all().filter((collection) => collection.database === database);
  }

  all(): Collection[] {
    return [...this.collections.values()];
  }

  /** Inside `write` only. */
  create(database: string, name: string, options: Document = {}): Collection {
    checkName(database, name);
    const collection = Collection.create(this.tables, { database, name, options }, () => this.nextId());
    this.adopt(`${database}\0${name}`, collection);
    this.save(collection);
    return collection;
  }

  private adopt(key: string, collection: Collection): void {
    collection.onArraysFound = () => this.save(collection);
    this.collections.set(key, collection);
  }

  /** Writes the catalog's entry, after indexes or options have changed. Inside `write` only. */
  save(collection: Collection): void {
    this.root.putSync(`c:${collection.database}\0${collection.name}`, encode(collection.toCatalog()));
  }

  /** Inside `write` only. The collection is gone at once; its pages are given back in the background. */
  drop(collection: Collection): void {
    const key = `${collection.database}\0${collection.name}`;
    this.collections.delete(key);
    this.root.removeSync(`c:${key}`);
    this.discard([collection.id, ...collection.indexes.map(({ id }) => id)]);
  }

  /** Inside `write` only. Moves a collection to another name. */
  rename(collection: Collection, database: string, name: string): void {
    checkName(database, name);
    const key = `${collection.database}\0${collection.name}`;
    this.collections.delete(key);
    this.root.removeSync(`c:${key}`);
    collection.database = database;
    collection.name = name;
    this.collections.set(`${database}\0${name}`, collection);
    this.save(collection);
  }

  /** Inside `write` only: forgets the records and entries of these ids. */
  discard(ids: number[]): void {
    const marks = ids.map((id) => `p:${id}`);
    for (const mark of marks) this.root.putSync(mark, encode({}));
    this.purge(marks);
  }

  private purge(marks: string[]): void {
    this.purging = this.purging.then(async () => {
      for (const mark of marks) await this.purgeOne(mark);
    });
  }

  private async purgeOne(mark: string): Promise<void> {
    const prefix = prefixOf(Number(mark.slice(2)));
    for (let more = true; more && !this.closed;) {
      more = await this.root.transaction(() => {
        const removed = [this.tables.records, this.tables.entries].map((db) => removePrefix(db, prefix, PURGE_CHUNK));
        const done = removed.every((count) => count < PURGE_CHUNK);
        if (done) this.root.removeSync(mark);
        return !done;
      });
    }
  }

  /** Waits for running writes, then closes the files. */
  async close(): Promise<void> {
    this.closed = true;
    await this.purging;
    await this.root.flushed;
    await this.root.close();
    this.unlock();
  }
}

function checkName(database: string, name: string): void {
  const bad = name === '' || name.includes('\0') || name.includes('$') || name.startsWith('.') || name.endsWith('.');
  const badDatabase = database === '' || /[\s/\\."$\0]/.test(database) || database.length > 63;
  if (bad || badDatabase)
    throw new MongoError(Code.InvalidNamespace, `Invalid namespace specified '${database}.${name}'`);
}
