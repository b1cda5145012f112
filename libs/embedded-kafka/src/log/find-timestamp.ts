import type { Storage } from '../storage/storage.js';
import { recordsOf } from './compression.js';
import type { Partition } from './partition.js';
import { readHeader, timestampTypeBit } from './record-batch.js';

export interface TimestampedOffset {
  readonly offset: number;
  readonly timestamp: number;
}

/** The first record whose timestamp is at or after `timestamp`, or null when there is none. */
export function findTimestamp(storage: Storage, partition: Partition, timestamp: number): TimestampedOffset | null {
  const from = firstOffsetReaching(storage, partition, timestamp);
  for (const entry of storage.logRange(partition.id, from, partition.highWatermark)) {
    if (entry.maxTimestamp < timestamp || entry.lastOffset < partition.logStart) continue;
    for (const { batch } of storage.read([entry])) {
      const found = findInBatch(batch, timestamp, partition.logStart);
      if (found !== null) return found;
    }
  }
  return null;
}

/** The first record with the largest timestamp of the partition, or null when it is empty. */
export function findLargestTimestamp(storage: Storage, partition: Partition): TimestampedOffset | null {
  const last = storage.logAtOrBefore(partition.id, partition.highWatermark);
  return last === undefined ? null : findTimestamp(storage, partition, last.maxTimestampSoFar);
}

/** Binary search on the largest timestamp so far, which never falls with the offset. */
function firstOffsetReaching(storage: Storage, partition: Partition, timestamp: number): number {
  let low = partition.logStart;
  let high = partition.highWatermark;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const entry = storage.logAtOrBefore(partition.id, middle);
    if (entry === undefined || entry.maxTimestampSoFar < timestamp) low = middle + 1;
    else high = Math.min(middle, entry.baseOffset);
  }
  const start = storage.logAtOrBefore(partition.id, low);
  return start === undefined ? low : start.baseOffset;
}

function findInBatch(batch: Buffer, timestamp: number, logStart: number): TimestampedOffset | null {
  const header = readHeader(batch);
  const first = { offset: Math.max(header.baseOffset, logStart), timestamp: header.baseTimestamp };
  if (header.attributes & timestampTypeBit) return { ...first, timestamp: header.maxTimestamp };
  for (const record of recordsOf(batch, header)) {
    const time = header.baseTimestamp + record.timestampDelta;
    const offset = header.baseOffset + record.offsetDelta;
    if (time >= timestamp && offset >= logStart) return { offset, timestamp: time };
  }
  return null;
}
