import type { Partition } from '../log/partition.js';
import { readHeader } from '../log/record-batch.js';
import { batchOf } from '../log/stored-batch.js';
import type { TopicConfig } from '../log/topic-config.js';
import type { CleanerParts } from './cleaner-parts.js';
import { logChunks } from './log-chunks.js';

type Parts = Pick<CleanerParts, 'storage' | 'commits' | 'clock' | 'signal'>;

/** Moves the log's start over batches that are too old, or too many by size. Kafka's rule, with batches for segments. */
export async function retain(parts: Parts, partition: Partition, config: TopicConfig): Promise<void> {
  if (!config.deletes) return;
  const limitMs = parts.clock.now() - config.retentionMs;
  let surplusBytes = partition.bytesFrom(partition.logStart) - config.retentionBytes;
  const span = { partitionId: partition.id, from: 0, to: partition.highWatermark };
  for await (const chunk of logChunks(parts.storage, span, parts.signal)) {
    let logStart = partition.logStart;
    let isDone = false;
    for (const { value } of chunk) {
      const batch = batchOf(value);
      const { lastOffset, maxTimestamp } = readHeader(batch);
      if (lastOffset < partition.logStart) continue;
      isDone = maxTimestamp >= limitMs && surplusBytes < batch.length;
      if (isDone) break;
      surplusBytes -= batch.length;
      logStart = lastOffset + 1;
    }
    if (logStart > partition.logStart) await moveStart(parts, partition, logStart);
    if (isDone) return;
  }
}

async function moveStart({ commits }: Parts, partition: Partition, logStart: number): Promise<void> {
  await commits.submit((writes) =>
    partition.isDeleted ? { result: undefined } : partition.prepareMark(writes, { logStart }),
  );
}

/**
 * Removes the batches that lie before the log's start as a whole. The mark that moved the start holds the next offset,
 * so that it is known without them.
 */
export async function trim({ storage, commits, signal }: Parts, partition: Partition): Promise<void> {
  const span = { partitionId: partition.id, from: 0, to: partition.logStart };
  for await (const chunk of logChunks(storage, span, signal)) {
    const gone = chunk.filter(({ value }) => readHeader(batchOf(value)).lastOffset < partition.logStart);
    if (gone.length === 0) return;
    await commits.submit((writes) => {
      for (const { key } of gone) writes.removeLog(key);
      return { result: undefined };
    });
  }
}
