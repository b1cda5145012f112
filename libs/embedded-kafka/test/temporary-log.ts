import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Partition } from '../src/log/partition.js';
import { readHeader } from '../src/log/record-batch.js';
import { recordsOf } from '../src/log/compression.js';
import { CommitQueue } from '../src/storage/commit-queue.js';
import { type DurableStore, Storage, type StorageOptions } from '../src/storage/storage.js';
import { epochMs } from './batches.js';

/** A store in a folder of its own, with one partition's log. */
export class TemporaryLog {
  #dataDir = newFolder();
  storage: Storage;
  commits: CommitQueue;
  partition: Partition;

  constructor(
    wrap: (store: DurableStore) => DurableStore = (store) => store,
    private readonly options: Partial<StorageOptions> = {},
  ) {
    this.storage = this.#opened();
    this.commits = new CommitQueue(wrap(this.storage));
    this.partition = this.#recovered();
  }

  append(batch: Buffer, nowMs = epochMs) {
    return this.commits.submit((writes) => this.partition.prepareAppend(writes, batch, readHeader(batch), nowMs));
  }

  /** Every record that a consumer sees from the log's start on. */
  records(): { offset: number; key: string | null; isTombstone: boolean }[] {
    const batches = this.partition.read(this.partition.logStart, Number.MAX_SAFE_INTEGER, true);
    return batches.flatMap((batch) => {
      const header = readHeader(batch);
      return recordsOf(batch, header).map(({ key, offsetDelta, isTombstone }) => {
        return { offset: header.baseOffset + offsetDelta, key: key?.toString() ?? null, isTombstone };
      });
    });
  }

  get dataDir(): string {
    return this.#dataDir;
  }

  /** The data as they are on disk at this moment, in a folder of their own: what a killed process leaves. */
  image(dataDir = this.#dataDir): string {
    const folder = newFolder();
    cpSync(dataDir, folder, { recursive: true });
    return folder;
  }

  /** Goes on from an image, as after a kill at the moment when it was taken. */
  async crash(image = this.image()): Promise<void> {
    await this.remove();
    this.#dataDir = image;
    this.#open();
  }

  async restart(): Promise<void> {
    await this.storage.close();
    this.#open();
  }

  async remove(): Promise<void> {
    await this.storage.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  #open(): void {
    this.storage = this.#opened();
    this.commits = new CommitQueue(this.storage);
    this.partition = this.#recovered();
  }

  #opened(): Storage {
    const storage = new Storage(this.#dataDir, 0, this.options);
    storage.recover();
    return storage;
  }

  #recovered(): Partition {
    return this.recovered(1);
  }

  /** Another partition's log of the same store, or the same one as a restart would find it. */
  recovered(id: number): Partition {
    const partition = new Partition(id, 'topic', id, this.storage);
    partition.recover();
    return partition;
  }
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'embedded-kafka-'));
