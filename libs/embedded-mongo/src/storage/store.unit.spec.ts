import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Int32 } from 'bson';
import { decode } from '../bson/document.js';
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

  it('refuses a file that is none of LMDB, and leaves it as it is', () => {
    writeFileSync(join(folder, 'data.mdb'), 'these are not the pages of a database'.repeat(300));
    expect(() => Store.open(folder)).toThrow(UnknownFormatError);
  });
});
