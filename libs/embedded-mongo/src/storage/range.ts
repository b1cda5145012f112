import type { Table } from './table.js';

export type Entry = { key: Buffer; value: Buffer };

const FIRST_CHUNK = 32;
const MAX_CHUNK = 1_024;

/**
 * Entries with low <= key < high. Read in chunks that begin small (a limit often ends the scan early) and hold no read
 * transaction between them, so that a slow cursor never keeps old pages alive; the file may be opened anew meanwhile.
 */
export function* scanRange(table: Table<Buffer>, low: Buffer, high: Buffer, reverse = false): Generator<Entry> {
  let start = reverse ? high : low;
  let exclusiveStart = reverse;
  const end = reverse ? low : high;
  for (let limit = FIRST_CHUNK; ; limit = Math.min(limit * 4, MAX_CHUNK)) {
    const chunk = table.range({ start, end, reverse, limit, exclusiveStart, inclusiveEnd: reverse });
    yield* chunk;
    const last = chunk.at(-1);
    if (last === undefined || chunk.length < limit) return;
    start = last.key;
    exclusiveStart = true;
  }
}

export function countRange(table: Table<Buffer>, low: Buffer, high: Buffer, limit?: number): number {
  // getKeysCount does not know limits (lmdb 3.5.6).
  if (limit === undefined) return table.count(low, high);
  return table.keys({ start: low, end: high, limit }).length;
}

/** Entries that are counted at once: some milliseconds. */
const COUNTED = 20_000;

/** The number of entries in pieces, between which others may have their turn. */
export function* countPieces(table: Table<Buffer>, low: Buffer, high: Buffer): Generator<number> {
  for (let start = low; ;) {
    const [next] = table.keys({ start, end: high, offset: COUNTED, limit: 1 });
    if (next === undefined) return yield table.count(start, high);
    yield COUNTED;
    start = next;
  }
}

/** Removes up to `limit` entries with this prefix and tells how many there were. */
export function removePrefix(table: Table<Buffer>, prefix: Buffer, limit: number): number {
  const end = Buffer.concat([prefix, Buffer.alloc(16, 0xff)]);
  const keys = table.keys({ start: prefix, end, limit });
  for (const key of keys) table.remove(key);
  return keys.length;
}

export function prefixOf(id: number): Buffer {
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeUInt32BE(id);
  return prefix;
}

/** A record's number as 8 bytes in order of insertion. */
export function recordBytes(record: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeUInt32BE(Math.floor(record / 2 ** 32));
  bytes.writeUInt32BE(record % 2 ** 32, 4);
  return bytes;
}

export function recordNumber(bytes: Buffer, offset = 0): number {
  return bytes.readUInt32BE(offset) * 2 ** 32 + bytes.readUInt32BE(offset + 4);
}
