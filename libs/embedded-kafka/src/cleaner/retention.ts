import type { Partition } from '../log/partition.js';
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
    for (const { lastOffset, maxTimestamp, place } of chunk) {
      if (lastOffset < partition.logStart) continue;
      isDone = maxTimestamp >= limitMs && surplusBytes < place.bytes;
      if (isDone) break;
      surplusBytes -= place.bytes;
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
    const gone = chunk.filter(({ lastOffset }) => lastOffset < partition.logStart);
    if (gone.length === 0) return;
    await commits.submit((writes) => {
      for (const { baseOffset } of gone) writes.removeLog(partition.id, baseOffset);
      return { result: undefined };
    });
  }
}
