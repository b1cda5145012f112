import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Int32 } from 'bson';
import { decode, encode, type Document } from '../bson/document.js';
import { afterPrefix, encodeKey, HIGHEST, LOWEST } from '../bson/key.js';
import type { Collection } from './collection.js';
import { Store } from './store.js';
import { UnknownFormatError } from './store.errors.js';

describe('a store', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-store-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps everything when its file is opened anew while others write', async () => {
    const store = Store.open(folder);
    const collection = await store.write(() => store.create('test', 'things'));
    const insert = (n: number) => store.write(() => collection.insert({ _id: new Int32(n) }));
    const writes: Promise<unknown>[] = [];
    for (let n = 0; n < 200; n++) {
      writes.push(insert(n));
      if (n % 20 === 0) writes.push(store.renew());
      if (n % 7 === 0) await writes.at(-1);
    }
    await Promise.all(writes);
    const stored = [...collection.scan()].map(({ bytes }) => String(decode(bytes)._id));
    expect(stored.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 200 }, (_, n) => String(n)));
    await store.renew();
    expect(collection.findId(new Int32(7))).toBeDefined();
    await store.close();
    await expect(store.renew()).resolves.toBeUndefined();
  });

  it('goes on with a scan that began before its file was opened anew', async () => {
    const store = Store.open(folder);
    const collection = await store.write(() => store.create('test', 'things'));
    await store.write(() => {
      for (let n = 0; n < 300; n++) collection.insert({ _id: new Int32(n) });
    });
    const scan = collection.scan();
    scan.next();
    await store.renew();
    expect([...scan]).toHaveLength(299);
    await store.close();
  });

  it('gives each of the changes that share a commit its own outcome', async () => {
    const store = Store.open(folder);
    const collection = await store.write(() => store.create('test', 'things'));
    const outcomes = await Promise.allSettled(
      [1, 2, 2, 3].map((n) => store.write(() => collection.insert({ _id: new Int32(n) })._id)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    await store.close();
    const again = Store.open(folder);
    expect(again.collection('test', 'things')?.count()).toBe(3);
    await again.close();
  });

  it('refuses keys that are there, by the first index that has one, and leaves nothing of what it refused', async () => {
    const store = Store.open(folder);
    const collection = await store.write(() => store.create('test', 'things'));
    const insert = (id: number, n: number) =>
      store.write(() => collection.insert({ _id: new Int32(id), n: new Int32(n) }));
    await store.write(() => {
      const { index } = collection.buildIndex({ key: { n: 1 }, name: 'n', unique: true });
      collection.indexes = [...collection.indexes, index];
    });
    await insert(1, 1);
    await insert(2, 2);
    const refused = [insert(1, 3), insert(1, 1), insert(1, 2), insert(3, 1)];
    const reasons = (await Promise.allSettled(refused)).map((outcome) => 'reason' in outcome && String(outcome.reason));
    const by = ['index: _id_ ', 'index: _id_ ', 'index: _id_ ', 'index: n '];
    expect(reasons).toEqual(by.map((index) => expect.stringContaining(index)));
    expect(collection.indexes.map((index) => collection.countEntries(index))).toEqual([2, 2]);
    expect(Array.from(collection.scan(), ({ bytes }) => String(decode(bytes).n))).toEqual(['1', '2']);
    await store.close();
  });

  it('stores BSON that needs no change as it came, with the same keys, and refuses the same', async () => {
    const store = Store.open(folder);
    const sources: Document[] = [
      { key: { 'a.b': 1 }, name: 'path' },
      { key: { tags: -1, n: 1 }, name: 'array', unique: true },
      { key: { n: 1 }, name: 'partial', partialFilterExpression: { 'only.if': { $exists: true } } },
    ];
    const documents: Document[] = [
      { _id: 'a', n: new Int32(1), a: { b: ['x', 'y'] }, tags: ['u', 'v'], other: { k: 'z' } },
      { _id: 'b', n: new Int32(2), a: [{ b: 1 }, { b: 'x' }], only: { if: true } },
      { n: new Int32(3), _id: 'c' },
      { _id: 'a', n: new Int32(4) },
      { _id: 'd', n: new Int32(1), tags: ['v'] },
      { _id: ['e'] },
      { _id: { $f: 1 } },
    ];
    const contents = async (name: string, add: (to: Collection, document: Document) => void) => {
      const collection = await store.write(() => store.create('test', name, { validator: { n: { $ne: 9 } } }));
      await store.write(() => {
        if (name !== 'checked') collection.setOptions({});
        const built = sources.map((source) => collection.buildIndex(source).index);
        collection.indexes = [...collection.indexes, ...built];
      });
      const outcomes = await Promise.allSettled(
        documents.map((document) => store.write(() => add(collection, document))),
      );
      const refusals = outcomes.map((each) => 'reason' in each && String(each.reason).replaceAll(name, ''));
      const keys = collection.indexes
        .slice(1)
        .map((index) => Array.from(collection.scanEntries(index, LOWEST, HIGHEST), (key) => key.toString('hex', 4)));
      const ids = collection.indexes.slice(0, 1).map((index) => [...collection.scanIndex(index, LOWEST, HIGHEST)]);
      const records = Array.from(collection.scan(), ({ bytes }) => bytes.toString('hex'));
      return { refusals, keys, ids, records, multikey: collection.indexes.map(({ multikey }) => multikey) };
    };
    const asObjects = await contents('objects', (to, document) => to.insert(document));
    expect(asObjects.refusals.filter((refusal) => refusal)).toHaveLength(4);
    for (const name of ['bytes', 'checked'])
      expect(await contents(name, (to, document) => to.insertStored(encode(document)))).toEqual(asObjects);
    await store.close();
  });

  it('looks into BSON that needs no change when its collection has a validator, and at its size', async () => {
    const store = Store.open(folder);
    const collection = await store.write(() => store.create('test', 'things', { validator: { n: 1 } }));
    const insert = (document: Document, bypassValidation = false) =>
      store.write(() => collection.insertStored(encode(document), { bypassValidation }));
    await insert({ _id: 1, n: 1 });
    await expect(insert({ _id: 2, n: 2 })).rejects.toThrow('Document failed validation');
    await insert({ _id: 2, n: 2 }, true);
    await store.write(() => collection.setOptions({}));
    await expect(insert({ _id: 3, text: 'x'.repeat(2 ** 24) })).rejects.toThrow('too large');
    expect(collection.count()).toBe(2);
    await store.close();
  });

  it('finds a document by its indexes after changes that move it and changes that do not', async () => {
    const store = Store.open(folder);
    const collection = await store.write(() => store.create('test', 'things'));
    const [index, document] = await store.write(() => {
      const { index: built } = collection.buildIndex({ key: { 'a.b': new Int32(1) }, name: 'ab' });
      collection.indexes = [...collection.indexes, built];
      return [built, collection.insert({ _id: new Int32(1), a: { b: new Int32(5) } })];
    });
    const keyOf = (b: number) => encodeKey(new Int32(b));
    const count = (b: number) => collection.countIndex(index, keyOf(b), afterPrefix(keyOf(b)));
    const change = (after: Document) =>
      store.write(() => collection.replace(1, document, after, collection.get(1) ?? Buffer.alloc(0)));
    await change({ ...document, other: 'x' });
    expect([count(5), count(6)]).toEqual([1, 0]);
    await change({ ...document, a: { b: new Int32(6) } });
    expect([count(5), count(6)]).toEqual([0, 1]);
    await store.close();
  });

  it('leaves no key of a document that is removed, whatever its indexes look at', async () => {
    const store = Store.open(folder);
    const collection = await store.write(() => store.create('test', 'things'));
    const sources: Document[] = [
      { key: { 'a.b': 1 }, name: 'path' },
      { key: { tags: -1, a: 1 }, name: 'array' },
      { key: { n: 1 }, name: 'partial', partialFilterExpression: { 'only.if': { $exists: true } } },
    ];
    const remove = () =>
      store.write(() => {
        for (const { record, bytes } of collection.scan()) collection.remove(record, bytes);
      });
    for (const added of sources) {
      await store.write(() => {
        collection.indexes = [...collection.indexes, collection.buildIndex(added).index];
        collection.insert({
          _id: new Int32(1),
          other: 'x',
          a: { b: new Int32(5) },
          tags: ['x', 'y'],
          n: 'n',
          only: { if: 1 },
        });
        collection.insert({ _id: new Int32(2), n: 'n' });
      });
      await remove();
      expect(collection.indexes.map((index) => collection.countEntries(index))).toEqual(
        collection.indexes.map(() => 0),
      );
    }
    await store.close();
  });

  it('refuses a file that is none of LMDB, and leaves it as it is', () => {
    writeFileSync(join(folder, 'data.mdb'), 'these are not the pages of a database'.repeat(300));
    expect(() => Store.open(folder)).toThrow(UnknownFormatError);
  });
});
