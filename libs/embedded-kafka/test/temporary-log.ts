import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Partition } from '../src/log/partition.js';
import { readHeader } from '../src/log/record-batch.js';
import { recordsOf } from '../src/log/compression.js';
import { CommitQueue } from '../src/storage/commit-queue.js';
import { type DurableStore, Storage } from '../src/storage/storage.js';
import { epochMs } from './batches.js';

/** A store in a folder of its own, with one partition's log. */
export class TemporaryLog {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'embedded-kafka-'));
  storage = new Storage(this.dataDir, 0);
  commits: CommitQueue;
  partition: Partition;

  constructor(wrap: (store: DurableStore) => DurableStore = (store) => store) {
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
      return (recordsOf(batch, header) ?? []).map(({ key, offsetDelta, isTombstone }) => {
        return { offset: header.baseOffset + offsetDelta, key: key?.toString() ?? null, isTombstone };
      });
    });
  }

  async restart(): Promise<void> {
    await this.storage.close();
    this.storage = new Storage(this.dataDir, 0);
    this.commits = new CommitQueue(this.storage);
    this.partition = this.#recovered();
  }

  async remove(): Promise<void> {
    await this.storage.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  #recovered(): Partition {
    const partition = new Partition(1, 'topic', 0, this.storage);
    partition.recover();
    return partition;
  }
}
