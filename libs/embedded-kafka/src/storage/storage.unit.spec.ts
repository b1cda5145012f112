import { readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { open } from 'lmdb';
import { batchOfRecords, batchOfSize, epochMs } from '../../test/batches.js';
import { FakeClock } from '../../test/fake-clock.js';
import { observedDisk, writeHalf } from '../../test/observed-disk.js';
import { TemporaryLog } from '../../test/temporary-log.js';
import { reclaim } from '../cleaner/reclaim.js';
import { trim } from '../cleaner/retention.js';
import { DataVersionError, StorageError } from '../errors.js';
import type { Partition } from '../log/partition.js';
import { readHeader } from '../log/record-batch.js';
import { Storage } from './storage.js';

const never = 1e9;
const small = { fileBytes: 600, indexDelayMs: never };
const filesIn = (dataDir: string): string[] =>
  readdirSync(join(dataDir, 'log'))
    .toSorted()
    .map((name) => join(dataDir, 'log', name));

describe('the store after a crash', () => {
  let log: TemporaryLog;
  afterEach(() => log.remove());

  const append = async (count: number) => {
    for (let number = 0; number < count; number += 1) await log.append(batchOfSize(1));
  };
  const offsets = () => log.records().map(({ offset }) => offset);
  const upTo = (count: number) => Array.from({ length: count }, (_, offset) => offset);
  const parts = () => {
    const { storage, commits } = log;
    return { storage, commits, clock: new FakeClock(epochMs), signal: new AbortController().signal };
  };

  /** A store of which an image is taken at every step of every commit, also in the middle of a write. */
  const watchedLog = (fileBytes: number, seen: () => void) => {
    const writing = (file: number, bytes: Buffer, position: number) => {
      writeHalf(file, bytes, position);
      seen();
    };
    const disk = observedDisk({ writing, flushing: seen, flushed: seen });
    return new TemporaryLog((store) => store, { fileBytes, indexDelayMs: never, disk });
  };

  test('has what was acknowledged at every step of a commit, and never half of one', async () => {
    const images: { readonly folder: string; readonly acknowledged: number }[] = [];
    let acknowledged = 0;
    let isWatching = true;
    const take = () => {
      if (isWatching) images.push({ folder: log.image(), acknowledged });
    };
    log = watchedLog(600, take);
    for (; acknowledged < 6; acknowledged += 1) {
      await append(1);
      if (acknowledged === 3) await log.storage.settle();
      take();
    }
    isWatching = false;
    expect(images.length).toBeGreaterThan(24);
    for (const image of images) {
      await log.crash(image.folder);
      const end = log.partition.highWatermark;
      expect([image.acknowledged, image.acknowledged + 1]).toContain(end);
      expect(offsets()).toEqual(upTo(end));
      await append(2);
      await log.crash();
      expect(offsets()).toEqual(upTo(end + 2));
    }
  }, 60_000);

  test.each(['cut off', 'zeros'])(
    'ends before a torn tail (%s), and goes on behind what is whole',
    async (kind) => {
      log = new TemporaryLog((store) => store, { indexDelayMs: never });
      await append(3);
      // A batch stands last in its frame.
      const [wholeBytes = 0, tornBytes = 0] = [1, 2].map((offset) => {
        const place = log.storage.logAt(1, offset)?.place;
        return (place?.position ?? 0) + (place?.bytes ?? 0);
      });
      expect(tornBytes).toBeGreaterThan(wholeBytes);
      const original = log.image();
      for (let bytes = wholeBytes; bytes < tornBytes; bytes += 17) {
        const torn = log.image(original);
        const [file = ''] = filesIn(torn);
        const size = statSync(file).size;
        truncateSync(file, bytes);
        if (kind === 'zeros') truncateSync(file, size);
        await log.crash(torn);
        expect(offsets()).toEqual([0, 1]);
        await append(1);
        await log.crash();
        expect(offsets()).toEqual([0, 1, 2]);
      }
      rmSync(original, { recursive: true });
    },
    60_000,
  );

  test('does not show what a failed flush may have left, once something was acknowledged behind it', async () => {
    let isFailing = false;
    const disk = observedDisk({
      flushing: () => {
        if (isFailing) throw new Error('input/output error');
      },
    });
    log = new TemporaryLog((store) => store, { indexDelayMs: never, disk });
    await append(1);
    const [first = ''] = filesIn(log.dataDir);
    const { position = 0, bytes = 0 } = log.storage.logAt(1, 0)?.place ?? {};
    const end = position + bytes;
    isFailing = true;
    // Written, and read back by whoever asks: only the flush has failed.
    await expect(log.append(batchOfSize(3))).rejects.toBeInstanceOf(StorageError);
    await expect(log.append(batchOfSize(4))).rejects.toBeInstanceOf(StorageError);
    isFailing = false;
    const after = readFileSync(first);
    expect(after.length).toBe(end);
    await append(2);
    // Nothing is written behind the failed flush: it has a file of its own.
    expect(readFileSync(first).equals(after)).toBe(true);
    expect(filesIn(log.dataDir)).toHaveLength(2);
    await log.crash();
    expect(offsets()).toEqual([0, 1, 2]);
  });

  test('has all that is needed of a data file at every step of moving it, and the space when it is done', async () => {
    const images: string[] = [];
    let isWatching = false;
    log = watchedLog(2_500_000, () => {
      if (isWatching) images.push(log.image());
    });
    const value = 'x'.repeat(100_000);
    const other = log.recovered(2);
    const write = async (partition: Partition, count: number) => {
      for (let number = 0; number < count; number += 1) {
        const batch = batchOfRecords([{ value }]);
        await log.commits.submit((writes) => partition.prepareAppend(writes, batch, readHeader(batch), epochMs));
      }
    };
    // More than is moved at once.
    await write(log.partition, 12);
    await write(other, 20);
    await log.commits.submit((writes) => other.prepareMark(writes, { logStart: other.highWatermark }));
    await trim(parts(), other);
    const [first = ''] = filesIn(log.dataDir);
    isWatching = true;
    await reclaim(parts());
    isWatching = false;
    expect(filesIn(log.dataDir)).not.toContain(first);
    expect(images.length).toBeGreaterThan(5);
    for (const image of [...images, log.image()]) {
      await log.crash(image);
      expect(offsets()).toEqual(upTo(12));
      await reclaim(parts());
      expect(offsets()).toEqual(upTo(12));
      expect(filesIn(log.dataDir).map((path) => path.split('/').at(-1))).not.toContain(first.split('/').at(-1));
      await log.crash();
      expect(offsets()).toEqual(upTo(12));
      expect(log.recovered(2)).toMatchObject({ logStart: 20, highWatermark: 20 });
    }
  }, 60_000);

  test('is refused when acknowledged data are missing', async () => {
    log = new TemporaryLog((store) => store, small);
    await append(9);
    await log.storage.settle();
    const lost = (damage: (files: string[]) => void) => {
      const folder = log.image();
      damage(filesIn(folder));
      const storage = new Storage(folder, 0);
      expect(() => storage.recover()).toThrow(StorageError);
      return storage.close().then(() => rmSync(folder, { recursive: true }));
    };
    expect(filesIn(log.dataDir).length).toBeGreaterThan(2);
    await lost(([first = '']) => rmSync(first));
    await lost((files) => truncateSync(files.at(-1) ?? '', 21));
    await lost((files) => rmSync(files.at(-1) ?? ''));
  });

  test('is refused when another version wrote it', async () => {
    log = new TemporaryLog();
    const folder = log.image();
    const root = open({ path: join(folder, 'kafka.mdb'), maxDbs: 4 });
    root.openDB({ name: 'state', encoding: 'msgpack' }).putSync(['meta', 'format'], '1');
    await root.close();
    expect(() => new Storage(folder, 0)).toThrow(new DataVersionError(folder, '1', '2'));
    rmSync(folder, { recursive: true });
  });
});
