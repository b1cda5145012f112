import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { holderOf, takeLock } from './lock-file.js';
import { isAlive, thisProcess } from './process-identity.js';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grapevine-lock-'));
  file = join(dir, 'a.lock');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const endedPid = (): number => spawnSync(process.execPath, ['--version']).pid;

describe('a lock', () => {
  test('is held by one at a time, who may tell more', () => {
    const lock = takeLock(file);
    lock?.tell({ kafkaBrokers: '127.0.0.1:9092' });
    expect(takeLock(file)).toBeUndefined();
    expect(holderOf(file)).toMatchObject({ pid: process.pid, kafkaBrokers: '127.0.0.1:9092' });
    lock?.release();
    expect(readdirSync(dir)).toEqual([]);
    expect(takeLock(file)).toBeDefined();
  });

  test.each([
    ['a process that is gone', () => JSON.stringify({ pid: endedPid() })],
    ['a process whose number another one has now', () => JSON.stringify({ ...thisProcess(), bornAt: 'boot/1' })],
    ['nobody who can be told', () => ''],
  ])('left by %s is taken over', (_, content) => {
    writeFileSync(file, content());
    expect(holderOf(file)).toBeUndefined();
    expect(takeLock(file)).toBeDefined();
    expect(holderOf(file)?.pid).toBe(process.pid);
    expect(readdirSync(dir)).toEqual(['a.lock']);
  });
});

test('a process is alive while it runs', () => {
  expect(isAlive(thisProcess())).toBe(true);
  expect(isAlive({ pid: process.pid })).toBe(true);
  expect(isAlive({ pid: endedPid() })).toBe(false);
});
