import { mkdirSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { lockFolder } from '#embedded-disk';
import { decode, encode, numberOf, type Document } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';
import { Collection } from './collection.js';
import { DiskGuard } from './disk-guard.js';
import { Environment, type Tables } from './environment.js';
import { GroupCommit } from './group-commit.js';
import { MappedMemoryGuard } from './mapped-memory.js';
import { prefixOf, removePrefix } from './range.js';
import { DataLockedError } from './store.errors.js';
import type { Table } from './table.js';

const PURGE_CHUNK = 2_000;

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
  /** Changes under way, and who waits for none to be. */
  private changing = 0;
  private whenUnchanging: (() => void) | undefined;
  private renewal: Promise<void> | undefined;
  private checkpoint: NodeJS.Immediate | undefined;
  private readonly memory: MappedMemoryGuard;
  private readonly commits: GroupCommit;

  private constructor(
    private readonly environment: Environment,
    private readonly unlock: () => void,
    private readonly disk: DiskGuard,
    private readonly flushDelayMs: number,
  ) {
    this.commits = new GroupCommit(environment);
    this.memory = new MappedMemoryGuard(environment.path, () => this.renew());
    this.memory.start();
  }

  private get catalog(): Table<string> {
    return this.tables.catalog;
  }

  private get tables(): Tables {
    return this.environment.tables;
  }

  /** While the file is opened anew nobody reads; undefined most of the time. */
  get renewed(): Promise<void> | undefined {
    return this.renewal;
  }

  /** Lets other requests have their turn. */
  async turn(): Promise<void> {
    await nextTurn();
    this.memory.lookSoon();
    while (this.renewal) await this.renewal;
  }

  /** Opens or creates the folder. Throws DataLockedError or UnknownFormatError. Nothing is read but the catalog. */
  static open(dataDir: string, options: StoreOptions = {}): Store {
    mkdirSync(dataDir, { recursive: true });
    const unlock = lockFolder(dataDir, (pid) => new DataLockedError(pid));
    try {
      const environment = Environment.open(dataDir);
      const disk = new DiskGuard(dataDir, options.reserveBytes ?? 0);
      const store = new Store(environment, unlock, disk, options.flushDelayMs ?? 0);
      store.load();
      return store;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  private load(): void {
    this.loadCatalog();
    const left = this.catalog.keys({ start: 'p:', end: 'p;' });
    if (left.length > 0) this.purge(left);
    if (this.owing) this.reclaim();
  }

  private loadCatalog(): void {
    this.collections.clear();
    for (const { key, value } of this.catalog.range({ start: 'c:', end: 'c;' })) {
      const collection = Collection.fromCatalog(this.tables, decode(value), () => this.nextId());
      this.adopt(key.slice(2), collection);
    }
    const lastId = this.catalog.get('last-id');
    this.lastId = lastId ? (numberOf(decode(lastId).id) ?? 0) : 0;
  }

  /** Ids of collections and indexes are never given twice, so what is left of a dropped one cannot come back. */
  private nextId(): number {
    this.lastId += 1;
    this.catalog.put('last-id', encode({ id: this.lastId }));
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
    if (this.flushDelayMs > 0) await pause(this.flushDelayMs);
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** A commit that fails took nothing with it: what was already changed in memory is read again. */
  private async commit<T>(change: () => T): Promise<T> {
    try {
      return await this.transact(change);
    } catch (error) {
      this.loadCatalog();
      throw this.disk.explain(error);
    }
  }

  /** Resolves when the change is on disk. */
  private async transact<T>(change: () => T): Promise<T> {
    while (this.renewal) await this.renewal;
    this.changing++;
    try {
      return await this.commits.run(change);
    } finally {
      if (--this.changing === 0) this.whenUnchanging?.();
      this.planCheckpoint();
    }
  }

  /** After the answers to those whose changes made it due. */
  private planCheckpoint(): void {
    if (!this.environment.isCheckpointDue || this.checkpoint) return;
    this.checkpoint = setImmediate(() => {
      this.checkpoint = undefined;
      if (!this.renewal && !this.closed) this.environment.tryCheckpoint();
    });
  }

  /** Opens the file anew between two changes: what of it was mapped is no longer memory of this process. */
  renew(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.renewal ??= this.reopen().finally(() => (this.renewal = undefined));
    return this.renewal;
  }

  private async reopen(): Promise<void> {
    if (this.changing > 0) await new Promise<void>((resolve) => (this.whenUnchanging = resolve));
    this.whenUnchanging = undefined;
    await this.environment.reopen();
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
    collection.onRemoved = () => this.reclaim();
    this.collections.set(key, collection);
  }

  /** Writes the catalog's entry, after indexes or options have changed. Inside `write` only. */
  save(collection: Collection): void {
    this.catalog.put(`c:${collection.database}\0${collection.name}`, encode(collection.toCatalog()));
  }

  /** Inside `write` only. The collection is gone at once; its pages are given back in the background. */
  drop(collection: Collection): void {
    const key = `${collection.database}\0${collection.name}`;
    this.collections.delete(key);
    this.catalog.remove(`c:${key}`);
    collection.forgetRemoved();
    this.discard(idsOf(collection));
  }

  /**
   * Removes all documents of a collection at once, whatever their number: an empty one takes its place. Resolves, when
   * that is on disk, with what `look` finds in the old one, whose space is given back afterwards; with undefined, and
   * nothing is removed, when the collection is gone.
   */
  async empty<T>(collection: Collection, look: () => Promise<T>): Promise<T | undefined> {
    const { database, name } = collection;
    const marks = await this.write(() => {
      if (this.collection(database, name) !== collection) return undefined;
      const empty = collection.emptied();
      this.adopt(`${database}\0${name}`, empty);
      this.save(empty);
      collection.forgetRemoved();
      return this.mark(idsOf(collection));
    }, true);
    if (!marks) return undefined;
    // Not before that is on disk: a write that fails leaves all as it was.
    collection.isEmptied = true;
    while (this.renewal) await this.renewal;
    try {
      return await look();
    } finally {
      this.purge(marks);
    }
  }

  /** Inside `write` only. Moves a collection to another name. */
  rename(collection: Collection, database: string, name: string): void {
    checkName(database, name);
    const key = `${collection.database}\0${collection.name}`;
    this.collections.delete(key);
    this.catalog.remove(`c:${key}`);
    collection.database = database;
    collection.name = name;
    this.collections.set(`${database}\0${name}`, collection);
    this.save(collection);
  }

  /** Inside `write` only: forgets the records and entries of these ids. */
  discard(ids: number[]): void {
    this.purge(this.mark(ids));
  }

  /** What is marked is given back in the background, or after the next start. */
  private mark(ids: number[]): string[] {
    const marks = ids.map((id) => `p:${id}`);
    for (const mark of marks) this.catalog.put(mark, encode({}));
    return marks;
  }

  /** Resolves when the space of all that was dropped, emptied or removed until now is given back. */
  get givenBack(): Promise<void> {
    return this.purging;
  }

  private purge(marks: string[]): void {
    this.giveBack(async () => {
      for (const mark of marks) await this.purgeOne(mark);
    });
  }

  /** The catalog says what there is to do: what fails is done after the next start. */
  private giveBack(work: () => Promise<void>): void {
    const failed = (error: unknown) => console.error('embedded database: space could not be given back', error);
    this.purging = this.purging.then(work).catch(failed);
  }

  /** Gives back what removed documents take up, a piece at a time, between the commands of others. */
  private reclaim(): void {
    this.giveBack(async () => {
      while (this.owing && !this.closed) await this.commit(() => this.owing?.reclaim());
    });
  }

  private get owing(): Collection | undefined {
    return this.all().find(({ owes }) => owes);
  }

  private async purgeOne(mark: string): Promise<void> {
    const prefix = prefixOf(Number(mark.slice(2)));
    for (let more = true; more && !this.closed;) {
      more = await this.transact(() => {
        const removed = [this.tables.records, this.tables.entries].map((db) => removePrefix(db, prefix, PURGE_CHUNK));
        const done = removed.every((count) => count < PURGE_CHUNK);
        if (done) this.catalog.remove(mark);
        return !done;
      });
    }
  }

  /** Waits for running writes, then closes the files. */
  /** As by a crash: what is not acknowledged is lost. Nothing may be read or written afterwards. */
  leave(): void {
    this.environment.leave();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.memory.stop();
    await this.renewal;
    await this.purging;
    await this.commits.run(() => undefined).catch(() => undefined);
    await this.environment.close();
    this.unlock();
  }
}

/** All under which it has records and entries. */
const idsOf = ({ id, indexes }: Collection): number[] => [id, ...indexes.map((index) => index.id)];

/** As MongoDB's. */
const MAX_NAMESPACE_BYTES = 255;

function checkName(database: string, name: string): void {
  const bad = name === '' || name.includes('\0') || name.includes('$') || name.startsWith('.') || name.endsWith('.');
  const badDatabase = database === '' || /[\s/\\."$\0]/.test(database) || database.length > 63;
  const tooLong = Buffer.byteLength(`${database}.${name}`) > MAX_NAMESPACE_BYTES;
  if (bad || badDatabase || tooLong)
    throw new MongoError(Code.InvalidNamespace, `Invalid namespace specified '${database}.${name}'`);
}
