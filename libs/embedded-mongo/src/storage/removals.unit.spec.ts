import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Int32 } from 'bson';
import fc from 'fast-check';
import { decode, numberOf, type Document } from '../bson/document.js';
import type { Collection } from './collection.js';
import { Environment } from './environment.js';
import { Journal } from './journal.js';
import { OpenTransaction } from './open-transaction.js';
import { Store } from './store.js';

const INDEXES: Document[] = [
  { key: { n: 1 }, name: 'n', unique: true },
  { key: { tags: 1, n: -1 }, name: 'tags' },
  { key: { odd: 1 }, name: 'odd', partialFilterExpression: { odd: true } },
];

type Range = { from: number; count: number };
type Step = ({ kind: 'add' | 'remove' } & Range) | { kind: 'empty' | 'fail' | 'crash' | 'renew' | 'wait' };
const kinds = fc.constantFrom('add' as const, 'remove' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: kinds, from: fc.nat(20), count: fc.nat(30) }) },
  {
    weight: 5,
    arbitrary: fc.constantFrom('empty', 'fail', 'crash', 'renew', 'wait').map((kind) => ({ kind }) as const),
  },
);

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'embedded-mongo-emptying-'));
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

async function begin(folder: string): Promise<Store> {
  const store = Store.open(folder);
  await store.write(() => {
    const collection = store.create('test', 'things');
    collection.indexes = [...collection.indexes, ...INDEXES.map((source) => collection.buildIndex(source).index)];
    store.save(collection);
  });
  return store;
}

function things(store: Store): Collection {
  const collection = store.collection('test', 'things');
  if (!collection) throw new Error('the collection is gone');
  return collection;
}

const documentOf = (id: number): Document => ({
  _id: new Int32(id),
  n: new Int32(id),
  tags: ['x', `t${id % 3}`],
  odd: id % 2 === 1,
});

const add = (store: Store, ids: number[]) =>
  store.write(() => ids.forEach((id) => things(store).insert(documentOf(id))));

/** Those of these ids that are there; many of them leave their space to be given back later. */
const remove = (store: Store, ids: number[]) =>
  store.write(() => {
    const collection = things(store);
    collection.removeAll(ids.flatMap((id) => collection.findId(new Int32(id)) ?? []));
  });

function empty(store: Store): Promise<number | undefined> {
  const collection = things(store);
  return store.empty(collection, () => Promise.resolve(collection.count()));
}

/** Documents, keys of each index, and the ids by which a look-up finds them, which must be one and the same. */
function contents(store: Store): number[] {
  const collection = things(store);
  const found = Array.from(collection.scan(), ({ bytes }) => numberOf(decode(bytes)._id) ?? -1);
  const keys = [found.length, found.length, 2 * found.length, found.filter((id) => id % 2 === 1).length];
  expect(collection.indexes.map((index) => collection.countEntries(index))).toEqual(keys);
  expect(collection.count()).toBe(found.length);
  for (const id of found) expect(collection.findId(new Int32(id))).toBeDefined();
  return found.toSorted((a, b) => a - b);
}

/** What the disk holds at this moment, as after kill -9. */
function copyOf(folder: string): string {
  const copy = mkdtempSync(join(root, 'crash-'));
  for (const file of ['data.mdb', 'journal']) cpSync(join(folder, file), join(copy, file));
  return copy;
}

/** Opens it, lets what was begun end, and tells what is there; nothing may be left of what was removed. */
async function recovered(folder: string): Promise<number[]> {
  const store = Store.open(folder);
  const found = contents(store);
  await store.givenBack;
  await store.close();
  const environment = Environment.open(folder);
  const all = { start: Buffer.alloc(4), end: Buffer.alloc(4, 0xff) };
  expect(environment.tables.records.keys(all)).toHaveLength(found.length);
  expect(environment.tables.entries.keys(all)).toHaveLength(
    4 * found.length + found.filter((id) => id % 2 === 1).length,
  );
  for (const mark of ['d', 'p']) {
    expect(environment.tables.catalog.keys({ start: `${mark}:`, end: `${mark};` })).toEqual([]);
  }
  await environment.close();
  return found;
}

/** The flush of what is done meanwhile fails. */
async function failing(work: () => Promise<unknown>): Promise<void> {
  jest.spyOn(console, 'error').mockReturnValue();
  const refuse = (): never => {
    throw new Error('the disk is gone');
  };
  const spies = [
    jest.spyOn(Journal.prototype, 'append').mockImplementation(refuse),
    jest.spyOn(OpenTransaction.prototype, 'commit').mockImplementation(refuse),
  ];
  await expect(work()).rejects.toThrow('the disk is gone');
  for (const spy of spies) spy.mockRestore();
}

/** One that is killed, and goes on from what the disk held. */
class Subject {
  readonly model = new Set<number>();

  private constructor(
    public folder: string,
    public store: Store,
  ) {}

  static async begin(): Promise<Subject> {
    const folder = mkdtempSync(join(root, 'data-'));
    return new Subject(folder, await begin(folder));
  }

  async apply(given: Step): Promise<void> {
    if ('count' in given) await this.change(given.kind, idsOf(given));
    if (given.kind === 'fail') await failing(() => this.both());
    if (given.kind === 'renew') await this.store.renew();
    if (given.kind === 'crash') await this.crash();
    if (given.kind === 'wait') await this.store.givenBack;
    if (given.kind !== 'empty') return;
    expect(await empty(this.store)).toBe(this.model.size);
    this.model.clear();
  }

  private async change(kind: 'add' | 'remove', ids: number[]): Promise<void> {
    const fresh = ids.filter((id) => !this.model.has(id));
    await (kind === 'add' ? add(this.store, fresh) : remove(this.store, ids));
    for (const id of ids) {
      if (kind === 'add') this.model.add(id);
      else this.model.delete(id);
    }
  }

  /** Removed one by one, and as a whole, in one flush. */
  private both(): Promise<unknown> {
    return Promise.all([remove(this.store, [...this.model]), empty(this.store)]);
  }

  private async crash(): Promise<void> {
    const left = copyOf(this.folder);
    await this.store.close();
    this.folder = left;
    this.store = Store.open(left);
  }
}

const idsOf = ({ from, count }: Range) => Array.from({ length: count }, (_, i) => from + i);
const sorted = (ids: Iterable<number>) => [...ids].toSorted((a, b) => a - b);

describe('a collection of which much is removed at once', () => {
  it('has what is left, whatever comes before and after, also a crash and a failure', async () => {
    const run = async (steps: Step[]) => {
      const subject = await Subject.begin();
      for (const given of steps) {
        await subject.apply(given);
        expect(contents(subject.store)).toEqual(sorted(subject.model));
      }
      await subject.store.close();
      expect(await recovered(subject.folder)).toEqual(sorted(subject.model));
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), run), { numRuns: 30 });
  }, 60_000);

  it.each([
    ['as a whole', (store: Store) => empty(store)],
    ['one by one', (store: Store, ids: number[]) => remove(store, ids)],
  ])(
    'has all or nothing after a crash at any flush when all go %s, and leaves nothing behind',
    async (_, removal) => {
      const folder = join(root, 'data');
      const store = await begin(folder);
      const ids = idsOf({ from: 0, count: 300 });
      await add(store, ids);
      const copies = [copyOf(folder)];
      const { append } = Journal.prototype;
      const { commit } = OpenTransaction.prototype;
      jest.spyOn(Journal.prototype, 'append').mockImplementation(function (this: Journal, ...given) {
        append.apply(this, given);
        copies.push(copyOf(folder));
      });
      jest.spyOn(OpenTransaction.prototype, 'commit').mockImplementation(function (this: OpenTransaction) {
        commit.apply(this);
        copies.push(copyOf(folder));
      });
      await removal(store, ids);
      await add(store, [7, 250]);
      await store.givenBack;
      await store.close();
      jest.restoreAllMocks();
      const found: number[] = [];
      for (const copy of copies) found.push((await recovered(copy)).length);
      expect(found.length).toBeGreaterThan(5);
      expect(found.slice(0, 2)).toEqual([ids.length, 0]);
      expect(found.slice(2).filter((count) => ![0, 2].includes(count))).toEqual([]);
    },
    60_000,
  );

  it('has no more documents for who was reading it when it is emptied, and is another one for who comes', async () => {
    const store = await begin(join(root, 'data'));
    await add(
      store,
      Array.from({ length: 100 }, (_, id) => id),
    );
    const old = things(store);
    const reader = old.scan();
    await failing(() => empty(store));
    expect([...reader]).toHaveLength(100);
    const readers = [things(store).scan(), things(store).scan(true)];
    for (const each of readers) each.next();
    const full = things(store);
    await empty(store);
    await add(store, [1, 2]);
    expect(readers.map((each) => [...each].length)).toEqual([0, 0]);
    expect([full.get(1), full.borrow(1)]).toEqual([undefined, undefined]);
    expect(things(store).identity).toBe(old.identity);
    expect(await store.empty(full, () => Promise.resolve(1))).toBeUndefined();
    expect(contents(store)).toEqual([1, 2]);
    await store.close();
  });
});
