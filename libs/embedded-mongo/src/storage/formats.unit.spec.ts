import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Int32 } from 'bson';
import { open } from 'lmdb';
import { decode, encode, numberOf } from '../bson/document.js';
import { Environment } from './environment.js';
import { Store } from './store.js';
import { UnknownFormatError } from './store.errors.js';

const CURRENT = 3;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-formats-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A folder with one document, as a version with this format would have left it after kill -9. */
async function folderOf(format: number): Promise<void> {
  const store = Store.open(folder);
  await store.write(() => store.create('test', 'things').insert({ _id: new Int32(1) }));
  await store.close();
  const environment = Environment.open(folder);
  environment.transact(() => environment.tables.catalog.put('format', encode({ format: new Int32(format) })));
  await environment.close();
  expect(await formatOnDisk()).toBe(format);
}

/** As the file has it. */
async function formatOnDisk(): Promise<number | undefined> {
  const file = open<Buffer, string>({ path: folder, readOnly: true, encoding: 'binary' });
  const bytes = file.get('format');
  const format = bytes && numberOf(decode(Buffer.from(bytes)).format);
  await file.close();
  return format;
}

describe('a folder of another format', () => {
  it.each([1, 2])('is taken over when it is the former one: %i', async (format) => {
    await folderOf(format);
    const store = Store.open(folder);
    expect(store.collection('test', 'things')?.count()).toBe(1);
    await store.close();
    expect(await formatOnDisk()).toBe(CURRENT);
  });

  it('is refused when it is a later one', async () => {
    await folderOf(CURRENT + 1);
    expect(() => Store.open(folder)).toThrow(UnknownFormatError);
    expect(() => Store.open(folder)).toThrow(`${CURRENT + 1}`);
  });
});
