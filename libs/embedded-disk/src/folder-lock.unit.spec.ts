import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lockFolder } from './folder-lock.js';
import { thisProcess } from './process-identity.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockedBy = (pid: number, file: string): Error => new Error(`${pid} has ${file}`);
const file = (): string => join(folder, 'server.pid');

test('a folder that a living process has is refused', () => {
  const parent = { pid: process.ppid };
  writeFileSync(file(), JSON.stringify(parent));
  expect(() => lockFolder(folder, lockedBy)).toThrow(`${process.ppid} has ${file()}`);
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual(parent);
});

test.each([
  ['a killed process whose number another one has now', () => JSON.stringify({ pid: process.ppid, bornAt: 'boot/1' })],
  ['a server of this process', () => JSON.stringify(thisProcess())],
  ['an earlier version, which wrote the number alone', () => String(process.ppid)],
])('what %s left is taken over, and given back', (_, content) => {
  writeFileSync(file(), content());
  const release = lockFolder(folder, lockedBy);
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual(thisProcess());
  release();
  lockFolder(folder, lockedBy)();
});
