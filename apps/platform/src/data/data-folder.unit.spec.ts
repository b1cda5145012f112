import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDataFolder } from './data-folder.js';
import { DataFolderError, InUseError } from './data-folder.errors.js';
import { DATA_FORMAT, judgeFolder } from './data-folder.policy.js';
import { holdFolder } from './hold-folder.js';
import { planReset, reset } from './reset-data.js';

const NOW = new Date('2026-05-04T10:00:00.000Z');
const stamp = (more: object): string => JSON.stringify({ format: DATA_FORMAT, createdAt: NOW.toISOString(), ...more });

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'grapevine-data-')), 'data');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

describe('the stamp of a data folder', () => {
  test('a new folder is made one of ours, and is one from then on', () => {
    openDataFolder(dir, NOW);
    expect(readdirSync(dir)).toEqual(['grapevine.json']);
    expect(openDataFolder(dir, NOW).path('kafka')).toBe(join(dir, 'kafka'));
  });

  test.each([
    ['of an older version', stamp({ format: DATA_FORMAT - 1 || 99 }), 'another version'],
    ['of a newer version', stamp({ format: DATA_FORMAT + 1 }), 'another version'],
    ['that says nothing', '{', "can't be read"],
    ['left by a reset that was cut off', stamp({ deleting: true }), 'did not end'],
  ])('one %s is refused', (_, text, reason) => {
    expect(() => judgeFolder('/d', { entries: ['grapevine.json', 'kafka'], stamp: text })).toThrow(DataFolderError);
    expect(() => judgeFolder('/d', { entries: ['grapevine.json', 'kafka'], stamp: text })).toThrow(reason);
  });

  test('a folder of somebody else is left alone', () => {
    expect(() => judgeFolder('/etc', { entries: ['passwd'], stamp: undefined })).toThrow('it holds passwd');
    expect(() => judgeFolder('/d', { entries: ['kafka', 'mongo'], stamp: undefined })).toThrow(DataFolderError);
  });

  test('is made with all that lies above it, and refused where that can not be', () => {
    expect(openDataFolder(join(dir, 'a/b'), NOW).dir).toBe(join(dir, 'a/b'));
    writeFileSync(join(dir, 'file'), '');
    for (const file of ['file', 'file/below']) expect(() => openDataFolder(join(dir, file), NOW)).toThrow('ENOTDIR');
    if (process.platform === 'linux') expect(() => openDataFolder('/proc/grapevine/data', NOW)).toThrow('ENOENT');
  });

  test('passwords that a command-line tool kept before anything was started do not count', () => {
    expect(judgeFolder('/d', { entries: ['credentials.json', '.gitignore'], stamp: undefined })).toBe('create');
  });
});

describe('a reset', () => {
  test('deletes what is ours and nothing else', () => {
    const folder = openDataFolder(dir, NOW);
    mkdirSync(folder.path('kafka'));
    writeFileSync(folder.path('kafka/data.mdb'), 'x');
    writeFileSync(folder.path('runtime.json.77.new'), 'left by a process that was killed');
    writeFileSync(folder.path('letter.txt'), 'mine');
    const plan = planReset(folder);
    if (plan) reset(folder, plan);
    expect(readdirSync(dir)).toEqual(['letter.txt']);
  });

  test('removes the folder when nothing is left, and has nothing to do then', () => {
    const folder = openDataFolder(dir, NOW);
    const plan = planReset(folder);
    if (plan) reset(folder, plan);
    expect(readdirSync(join(dir, '..'))).toEqual([]);
    expect(planReset(folder)).toBeUndefined();
  });

  test('refuses a folder that is not ours, and one in use', () => {
    const folder = openDataFolder(dir, NOW);
    const lock = holdFolder(folder);
    expect(() => planReset(folder)).toThrow(InUseError);
    lock.release();
    rmSync(folder.path('grapevine.json'));
    writeFileSync(folder.path('letter.txt'), 'mine');
    expect(() => planReset(folder)).toThrow(DataFolderError);
  });
});
