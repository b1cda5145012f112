import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openLog } from './log.js';

const MEGABYTE = 1024 * 1024;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-log-'));
  file = join(folder, 'grapevine.log');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const numbersIn = (...files: string[]) =>
  files.flatMap((each) => readFileSync(each, 'utf8').trimEnd().split('\n')).map((line) => Number(JSON.parse(line).n));

describe('log file', () => {
  test('begins anew when it has grown large, while it is written; nothing is lost between the two', () => {
    const logger = openLog(file, 'silent');
    const text = 'x'.repeat(MEGABYTE);
    for (let n = 0; n < 30; n++) logger.info({ n, text }, 'large');
    expect(statSync(file).size).toBeLessThan(20 * MEGABYTE);
    expect(statSync(`${file}.1`).size).toBeLessThan(22 * MEGABYTE);
    expect(numbersIn(`${file}.1`, file)).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  test('begins anew at the start when an earlier run left it large, and goes on in a small one', () => {
    writeFileSync(file, 'x'.repeat(21 * MEGABYTE));
    openLog(file, 'silent').info({ n: 1 }, 'first');
    openLog(file, 'silent').info({ n: 2 }, 'second');
    expect(numbersIn(file)).toEqual([1, 2]);
  });
});
