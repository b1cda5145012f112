import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DataFiles } from './data-files.js';
import { nodeDisk } from './disk.js';
import { journalStart } from './replay.js';

describe('the current data file', () => {
  let folder: string;
  let files: DataFiles;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'data-files-'));
    files = new DataFiles(folder, { disk: nodeDisk, fileBytes: 64 * 1024 * 1024 });
    expect([...files.recover(journalStart)]).toEqual([]);
  });
  afterEach(() => {
    files.close();
    rmSync(folder, { recursive: true });
  });

  /** Its size after each of so many frames. */
  const sizesAfter = async (count: number, frameBytes: number): Promise<number[]> => {
    const sizes: number[] = [];
    for (let sequence = 0; sequence < count; sequence += 1) {
      const { file } = await files.append(Buffer.alloc(frameBytes, 1), sequence, true);
      sizes.push(statSync(join(folder, 'log', `${String(file).padStart(10, '0')}.log`)).size);
    }
    return sizes;
  };

  test('a frame of 100 kB makes room for the next three', async () => {
    const [first = 0, ...next] = await sizesAfter(5, 100_000);
    expect(next.slice(0, 3)).toEqual([first, first, first]);
    expect(next[3]).toBeGreaterThan(first);
  });

  test('a larger one takes what it needs', async () => {
    const [first = 0, second = 0] = await sizesAfter(2, 200_000);
    expect(second - first).toBe(200_000);
  });
});
