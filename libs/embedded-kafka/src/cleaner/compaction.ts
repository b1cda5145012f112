import { pack, recordsOf } from '../log/compression.js';
import type { Partition } from '../log/partition.js';
import { type BatchHeader, readHeader, rebuildBatch, timestampTypeBit } from '../log/record-batch.js';
import type { LogRecord } from '../log/records.js';
import type { TopicConfig } from '../log/topic-config.js';
import type { CleanerParts } from './cleaner-parts.js';
import { type CompactionHistory, noHistory, tombstoneHorizon, withPass } from './compaction-history.js';
import { logChunks } from './log-chunks.js';

type Parts = Pick<CleanerParts, 'storage' | 'commits' | 'clock' | 'signal'>;

/** Keys that one pass takes on, which bounds its memory; the next pass goes on from there. */
const maxKeys = 500_000;

interface Plan {
  /** The last offset of each key in the part that has not been compacted yet. */
  readonly latest: ReadonlyMap<string, number>;
  readonly end: number;
  /** Tombstones below it go. */
  readonly horizon: number;
}

/** Keeps the last record of each key. Batches that cannot be unpacked, as they are broken, stay as they are. */
export async function compact(parts: Parts, partition: Partition, config: TopicConfig): Promise<void> {
  if (!config.compacted) return;
  const history = parts.storage.state<CompactionHistory>(['compaction', partition.id]) ?? noHistory;
  const nowMs = parts.clock.now();
  const horizon = tombstoneHorizon(history, nowMs, config.deleteRetentionMs);
  const dirtyBytes = partition.bytesFrom(Math.max(partition.cleanedTo, partition.logStart));
  const isDirty = dirtyBytes > 0 && dirtyBytes / (dirtyBytes + history.cleanBytes) >= config.minCleanableDirtyRatio;
  if (!isDirty && horizon <= history.sweptTo) return;
  // As in Kafka records whose time is to come wait only where there is a lag: clocks of producers may be wrong.
  const notAfterMs = config.minCompactionLagMs > 0 ? nowMs - config.minCompactionLagMs : Number.POSITIVE_INFINITY;
  const plan = { horizon, ...(await findLatest(parts, partition, notAfterMs)) };
  const cleanBytes = await rewrite(parts, partition, plan);
  const pass = { upTo: plan.end, atMs: nowMs, cleanBytes, sweptTo: horizon };
  await parts.commits.submit((writes) => {
    if (partition.isDeleted) return { result: undefined };
    writes.putState(['compaction', partition.id], withPass(history, pass, config.deleteRetentionMs));
    return partition.prepareMark(writes, { cleanedTo: plan.end });
  });
}

async function findLatest({ storage, signal }: Parts, partition: Partition, notAfterMs: number) {
  const latest = new Map<string, number>();
  let end = Math.max(partition.cleanedTo, partition.logStart);
  const span = { partitionId: partition.id, from: end, to: partition.highWatermark };
  for await (const chunk of logChunks(storage, span, signal)) {
    for (const { batch } of storage.read(chunk)) {
      const header = readHeader(batch);
      if (header.maxTimestamp > notAfterMs || latest.size >= maxKeys) return { latest, end };
      for (const { key, offsetDelta } of unpack(batch, header) ?? []) {
        if (key !== null) latest.set(textOf(key), header.baseOffset + offsetDelta);
      }
      end = header.lastOffset + 1;
    }
  }
  return { latest, end };
}

/**
 * Writes what remains, portion by portion; a stop in between leaves a log that is right, only less compact. The last
 * batch goes only when it is a tombstone of an earlier pass, whose mark holds the next offset.
 */
async function rewrite({ storage, commits, signal }: Parts, partition: Partition, plan: Plan): Promise<number> {
  let remainingBytes = 0;
  const span = { partitionId: partition.id, from: partition.logStart, to: plan.end };
  for await (const chunk of logChunks(storage, span, signal)) {
    const changes = storage.read(chunk).map(({ entry, batch: before }) => {
      const batch = compacted(before, plan);
      return { entry, batch, isChanged: batch !== before };
    });
    for (const { batch } of changes) remainingBytes += batch?.length ?? 0;
    const changed = changes.filter(({ isChanged }) => isChanged);
    if (changed.length === 0) continue;
    await commits.submit((writes) => {
      if (partition.isDeleted) return { result: undefined };
      for (const { entry, batch } of changed) {
        if (batch === null) writes.removeLog(partition.id, entry.baseOffset);
        else writes.replaceLog({ ...entry, maxTimestamp: readHeader(batch).maxTimestamp }, batch);
      }
      return { result: undefined };
    });
  }
  return remainingBytes;
}

/** The batch with the records that stay, itself when all do, null when none does. */
function compacted(batch: Buffer, { latest, horizon }: Plan): Buffer | null {
  const header = readHeader(batch);
  const records = unpack(batch, header);
  if (records === null) return batch;
  const kept = records.filter(({ key, offsetDelta, isTombstone }) => {
    const offset = header.baseOffset + offsetDelta;
    const isSuperseded = key !== null && (latest.get(textOf(key)) ?? offset) > offset;
    return !isSuperseded && !(isTombstone && offset < horizon);
  });
  if (kept.length === records.length) return batch;
  if (kept.length === 0) return null;
  const maxTimestamp = maxTimestampOf(header, kept);
  const { packed, attributes } = pack(kept, header.attributes);
  return rebuildBatch(batch, packed, { attributes, recordCount: kept.length, maxTimestamp });
}

function maxTimestampOf({ attributes, baseTimestamp, maxTimestamp }: BatchHeader, kept: readonly LogRecord[]): number {
  if (attributes & timestampTypeBit) return maxTimestamp;
  return kept.reduce((max, { timestampDelta }) => Math.max(max, baseTimestamp + timestampDelta), -1);
}

/** Records that do not follow the format were taken unseen; they are left alone. */
function unpack(batch: Buffer, header: BatchHeader): LogRecord[] | null {
  try {
    return recordsOf(batch, header);
  } catch {
    return null;
  }
}

const textOf = (key: Buffer): string => key.toString('latin1');
