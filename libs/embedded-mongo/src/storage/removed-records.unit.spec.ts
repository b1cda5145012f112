import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Int32 } from 'bson';
import fc from 'fast-check';
import { decode, numberOf, type Document } from '../bson/document.js';
import { afterPrefix, encodeKey, HIGHEST, LOWEST } from '../bson/key.js';
import { Collection } from './collection.js';
import { Environment } from './environment.js';
import { Journal } from './journal.js';
import { OpenTransaction } from './open-transaction.js';
import { Store } from './store.js';

type Step =
  | { kind: 'add'; ids: number[] }
  | { kind: 'remove'; ids: number[] }
  | { kind: 'reclaim' }
  | { kind: 'restart' }
  | { kind: 'fail' };

/** Many that follow one another, so that most steps meet what those before them did. */
const ids = fc
  .tuple(fc.nat(20), fc.integer({ min: 1, max: 20 }))
  .map(([first, count]) => Array.from({ length: count }, (_, i) => first + i));
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), ids }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), ids }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ kind: 'reclaim' }, { kind: 'restart' }, { kind: 'fail' }) },
);

const INDEXES: Document[] = [
  { key: { n: 1 }, name: 'n', unique: true },
  { key: { tags: 1, n: -1 }, name: 'tags' },
  { key: { odd: 1 }, name: 'odd', partialFilterExpression: { odd: true } },
];

/** What is removed stays where it is until the test says otherwise. */
class Subject {
  store: Store;

  constructor(private readonly folder: string) {
    jest.spyOn(Collection.prototype, 'owes', 'get').mockReturnValue(false);
    this.store = Store.open(folder);
  }

  get collection(): Collection {
    const collection = this.store.collection('test', 'things');
    if (!collection) throw new Error('the collection is gone');
    return collection;
  }

  async create(): Promise<void> {
    await this.store.write(() => {
      const collection = this.store.create('test', 'things');
      collection.indexes = [...collection.indexes, ...INDEXES.map((source) => collection.buildIndex(source).index)];
      this.store.save(collection);
    });
  }

  async add(list: number[]): Promise<void> {
    for (const id of list) {
      const document = { _id: new Int32(id), n: new Int32(id), tags: ['x', `t${id % 3}`], odd: id % 2 === 1 };
      await this.store.write(() => this.collection.insert(document)).catch(() => undefined);
    }
  }

  remove(list: number[]): Promise<void> {
    return this.store.write(() => this.collection.removeAll(this.recordsOf(list)));
  }

  recordsOf(list: number[]): number[] {
    return list.flatMap((id) => this.collection.findId(new Int32(id)) ?? []);
  }

  /** A removal that never gets to the disk. */
  async fail(list: number[]): Promise<void> {
    const refusing = refuseToWrite();
    const removal = this.remove(list);
    if (list.length > 0) await expect(removal).rejects.toThrow('the disk is gone');
    await removal.catch(() => undefined);
    for (const spy of refusing) spy.mockRestore();
  }

  reclaim(): Promise<void> {
    return this.store.write(() => this.collection.reclaim());
  }

  /** As after kill -9: from what the disk holds. */
  async restart(): Promise<void> {
    const copy = mkdtempSync(join(this.folder, '..', 'crash-'));
    cpSync(join(this.folder, 'data.mdb'), join(copy, 'data.mdb'));
    cpSync(join(this.folder, 'journal'), join(copy, 'journal'));
    await this.store.close();
    rmSync(this.folder, { recursive: true });
    cpSync(copy, this.folder, { recursive: true });
    this.store = Store.open(this.folder);
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

function check(collection: Collection, model: Set<number>): void {
  const expected = [...model].toSorted((a, b) => a - b);
  const idOf = (bytes: Buffer | undefined) => numberOf(bytes && decode(bytes)._id);
  const sorted = (found: Iterable<number | undefined>) => [...found].toSorted((a, b) => (a ?? -1) - (b ?? -1));
  expect(sorted(Array.from(collection.scan(), ({ bytes }) => idOf(bytes)))).toEqual(expected);
  expect([...collection.scanRecords()]).toHaveLength(expected.length);
  expect(collection.count()).toBe(expected.length);
  expect([...collection.countAll()].reduce((sum, piece) => sum + piece, 0)).toBe(expected.length);
  expect(collection.hasMoreThan(5)).toBe(expected.length > 5);
  const [byId, byN, byTags, byOdd] = collection.indexes;
  for (const index of [byId, byN]) {
    const found = index ? [...collection.scanIndex(index, LOWEST, HIGHEST)] : [];
    expect(found.map((record) => idOf(collection.get(record)))).toEqual(expected);
  }
  const x = encodeKey('x');
  if (byTags) expect(collection.countIndex(byTags, x, afterPrefix(x))).toBe(expected.length);
  if (byOdd) expect(collection.countEntries(byOdd)).toBe(expected.filter((id) => id % 2 === 1).length);
  for (let id = 0; id <= 40; id++) expect(collection.findId(new Int32(id)) !== undefined).toBe(model.has(id));
}

describe('documents that are removed many at once', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'embedded-mongo-removed-'));
  });

  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(root, { recursive: true, force: true });
  });

  it('are gone for all who look, before and after their space is given back, a crash and a failure', async () => {
    const run = async (steps: Step[]) => {
      const subject = new Subject(mkdtempSync(join(root, 'data-')));
      await subject.create();
      const model = new Set<number>();
      for (const given of steps) {
        if (given.kind === 'add') await subject.add(given.ids);
        if (given.kind === 'remove') await subject.remove(given.ids);
        if (given.kind === 'fail') await subject.fail([...model]);
        if (given.kind === 'reclaim') await subject.reclaim();
        if (given.kind === 'restart') await subject.restart();
        if (given.kind === 'add') for (const id of given.ids) model.add(id);
        if (given.kind === 'remove') for (const id of given.ids) model.delete(id);
        check(subject.collection, model);
      }
      await subject.restart();
      jest.restoreAllMocks();
      while (subject.collection.owes) await subject.reclaim();
      check(subject.collection, model);
      await subject.close();
    };
    await fc.assert(fc.asyncProperty(fc.array<Step>(step, { minLength: 6, maxLength: 14 }), run), { numRuns: 20 });
  }, 60_000);

  it('are never counted one by one again once somebody has counted them', async () => {
    const subject = new Subject(join(root, 'data'));
    await subject.create();
    const looks = jest.spyOn(Collection.prototype, 'countIn');
    const counted = () => [...subject.collection.countAll()];
    await subject.add(Array.from({ length: 30 }, (_, id) => id));
    expect([counted(), looks.mock.calls.length]).toEqual([[30], 0]);
    await subject.restart();
    expect([counted(), looks.mock.calls.length]).toEqual([[30], 1]);
    await subject.remove(Array.from({ length: 20 }, (_, id) => id));
    await subject.add([1]);
    await subject.reclaim();
    expect([counted(), looks.mock.calls.length]).toEqual([[11], 1]);
    await subject.close();
  });

  it('are counted again when some are added or removed while they are counted', async () => {
    const subject = new Subject(join(root, 'data'));
    await subject.create();
    await subject.add(Array.from({ length: 30 }, (_, id) => id));
    await subject.restart();
    const pieces = subject.collection.countAll();
    pieces.next();
    await subject.remove([1]);
    await subject.add([100, 101]);
    expect([...pieces]).toEqual([]);
    expect(subject.collection.count()).toBe(31);
    await subject.close();
  });

  it('have no part in what is added under their ids before their space is given back', async () => {
    const subject = new Subject(join(root, 'data'));
    const all = Array.from({ length: 20 }, (_, id) => id);
    await subject.create();
    await subject.add(all);
    const numbers = subject.recordsOf(all);
    await subject.remove(all);
    for (const number of numbers) {
      expect(subject.collection.get(number)).toBeUndefined();
      expect(subject.collection.borrow(number)).toBeUndefined();
    }
    await subject.add(all);
    await subject.reclaim();
    check(subject.collection, new Set(all));
    await subject.close();
  });

  it('are gone for who has read ahead when they are removed', async () => {
    const subject = new Subject(join(root, 'data'));
    await subject.create();
    await subject.add(Array.from({ length: 30 }, (_, id) => id));
    const { collection } = subject;
    const [byId, byN] = collection.indexes;
    const readers = [
      collection.scan(),
      ...[byId, byN].map((index) => index && collection.scanIndex(index, LOWEST, HIGHEST)),
    ];
    for (const reader of readers) reader?.next();
    await subject.remove(Array.from({ length: 20 }, (_, id) => id + 10));
    expect(readers.map((reader) => [...(reader ?? [])].length)).toEqual([9, 9, 9]);
    await subject.close();
  });

  it('of few that are taken out at once make nobody who has read ahead miss another', async () => {
    const subject = new Subject(join(root, 'data'));
    await subject.create();
    const all = Array.from({ length: 100 }, (_, id) => id);
    await subject.add(all);
    const { collection } = subject;
    const [first = 0] = subject.recordsOf([0]);
    const [byId] = collection.indexes;
    const begun = [false, true].map((reverse) => {
      const reader = byId ? collection.scanIndex(byId, LOWEST, HIGHEST, reverse) : [].values();
      return { head: reader.next(), reader };
    });
    await subject.remove([5, 31, 68, 95]);
    const found = begun.map(({ head, reader }) => [head.value, ...reader].map((record) => Number(record) - first));
    // The first 32 from either end were read before.
    expect(found[0]).toEqual(all.filter((id) => id !== 68 && id !== 95));
    expect(found[1]).toEqual(all.filter((id) => id !== 5 && id !== 31).toReversed());
    await subject.close();
  });

  it('stay gone for who has read ahead when their space is given back', async () => {
    const subject = new Subject(join(root, 'data'));
    await subject.create();
    await subject.add(Array.from({ length: 30 }, (_, id) => id));
    await subject.remove(Array.from({ length: 20 }, (_, id) => id + 10));
    const { collection } = subject;
    const readers = [
      collection.scan(),
      ...collection.indexes.map((index) => collection.scanIndex(index, LOWEST, HIGHEST)),
    ];
    const first = readers.map((reader) => Number(!reader.next().done));
    await subject.reclaim();
    expect(readers.map((reader, i) => (first[i] ?? 0) + [...reader].length)).toEqual([10, 10, 10, 20, 5]);
    await subject.close();
  });

  it('keep their numbers for as long as something of them is there', async () => {
    const subject = new Subject(join(root, 'data'));
    await subject.create();
    await subject.add(Array.from({ length: 20 }, (_, id) => id));
    await subject.remove(Array.from({ length: 20 }, (_, id) => id));
    await subject.restart();
    await subject.add([1, 2, 3]);
    check(subject.collection, new Set([1, 2, 3]));
    await subject.reclaim();
    check(subject.collection, new Set([1, 2, 3]));
    await subject.close();
  });

  it('give their space back by themselves, also after a restart in the midst of it', async () => {
    const folder = join(root, 'data');
    const subject = new Subject(folder);
    await subject.create();
    await subject.add(Array.from({ length: 40 }, (_, id) => id));
    await subject.remove(Array.from({ length: 30 }, (_, id) => id));
    await subject.close();
    jest.restoreAllMocks();
    const store = Store.open(folder);
    const collection = store.collection('test', 'things');
    const owes = () => collection?.owes === true;
    while (owes()) await store.turn();
    expect(collection?.indexes.map((index) => collection.countEntries(index))).toEqual([10, 10, 20, 5]);
    await store.close();
  });

  it('stay gone when giving back their space fails, which is then done after the next start', async () => {
    const folder = join(root, 'data');
    const subject = new Subject(folder);
    await subject.create();
    await subject.add(Array.from({ length: 40 }, (_, id) => id));
    jest.restoreAllMocks();
    await subject.remove(Array.from({ length: 30 }, (_, id) => id));
    const refusing = refuseToWrite();
    await subject.store.givenBack;
    for (const spy of refusing) spy.mockRestore();
    const left = new Set(Array.from({ length: 10 }, (_, i) => i + 30));
    expect(subject.collection.owes).toBe(true);
    check(subject.collection, left);
    await subject.restart();
    await subject.store.givenBack;
    expect(subject.collection.owes).toBe(false);
    check(subject.collection, left);
    await subject.close();
  });

  it.each(['dropped', 'emptied'])('leave nothing in the catalog when their collection is %s', async (how) => {
    const folder = join(root, 'data');
    const subject = new Subject(folder);
    await subject.create();
    await subject.add(Array.from({ length: 40 }, (_, id) => id));
    await subject.remove(Array.from({ length: 30 }, (_, id) => id));
    const { collection } = subject;
    if (how === 'dropped') await subject.store.write(() => subject.store.drop(collection));
    else expect(await subject.store.empty(collection, () => Promise.resolve(collection.count()))).toBe(10);
    await subject.close();
    const { tables, close } = openFiles(folder);
    expect(tables.catalog.keys({ start: 'd:', end: 'd;' })).toEqual([]);
    await close();
  });
});

function refuseToWrite() {
  jest.spyOn(console, 'error').mockReturnValue();
  const refuse = (): never => {
    throw new Error('the disk is gone');
  };
  return [
    jest.spyOn(Journal.prototype, 'append').mockImplementation(refuse),
    jest.spyOn(OpenTransaction.prototype, 'commit').mockImplementation(refuse),
  ];
}

function openFiles(folder: string) {
  const environment = Environment.open(folder);
  return { tables: environment.tables, close: () => environment.close() };
}
