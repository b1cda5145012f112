import type { LogEntry, Place } from './log-entry.js';

/** What lies between two batches is read with them when it is less than this: cheaper than another call. */
const maxGapBytes = 8 * 1024;
const maxSpanBytes = 1024 * 1024;

type Read = (place: Place) => Buffer;

export interface StoredBatch {
  readonly entry: LogEntry;
  readonly batch: Buffer;
}

/** The batches of these entries, in their order, by as few reads as their places allow. */
export function readBatches(entries: readonly LogEntry[], read: Read): StoredBatch[] {
  const batches: StoredBatch[] = [];
  for (let first = entries[0]?.place; first !== undefined; first = entries[batches.length]?.place) {
    const { position } = first;
    const next = endOfSpan(entries, batches.length);
    const last = entries[next - 1]?.place ?? first;
    const bytes = read({ ...first, bytes: last.position + last.bytes - position });
    for (const entry of entries.slice(batches.length, next)) {
      const start = entry.place.position - position;
      batches.push({ entry, batch: bytes.subarray(start, start + entry.place.bytes) });
    }
  }
  return batches;
}

/** Behind the last entry that is read together with the one at `start`. */
function endOfSpan(entries: readonly LogEntry[], start: number): number {
  const first = entries[start]?.place;
  let next = start + 1;
  for (let end = (first?.position ?? 0) + (first?.bytes ?? 0); next < entries.length; next += 1) {
    const place = entries[next]?.place;
    if (place === undefined || first === undefined || place.file !== first.file) break;
    if (place.position < end || place.position - end > maxGapBytes) break;
    end = place.position + place.bytes;
    if (end - first.position > maxSpanBytes) break;
  }
  return next;
}
