import type { NumberTable, RangeOptions, Table } from './table.js';

export type Entry = { key: Buffer; value: Buffer };

export const PREFIX_BYTES = 4;
export const RECORD_BYTES = 8;
const FIRST_CHUNK = 32;
const MAX_CHUNK = 1_024;

export interface ScanOptions<T> {
  reverse?: boolean;
  /** What is left out: asked when it is read and again when its turn comes, as it may be forgotten in between. */
  isGone?: (item: T) => boolean;
}

/** Entries with low <= key < high. */
export function scanRange(
  table: Table<Buffer>,
  low: Buffer,
  high: Buffer,
  options: ScanOptions<Entry> = {},
): Generator<Entry> {
  return inChunks({
    low,
    high,
    ...options,
    read: (range) => table.range(range),
    lastKey: (chunk) => chunk.at(-1)?.key,
  });
}

/** Their keys alone. */
export function scanKeys(
  table: Table<Buffer>,
  low: Buffer,
  high: Buffer,
  options: ScanOptions<Buffer> = {},
): Generator<Buffer> {
  return inChunks({ low, high, ...options, read: (range) => table.keys(range), lastKey: (chunk) => chunk.at(-1) });
}

/** Their values alone, where these are numbers of records: of the keys only each chunk's last one is read. */
export function scanNumbers(
  { entries, numbers }: { entries: Table<Buffer>; numbers: NumberTable },
  low: Buffer,
  high: Buffer,
  options: ScanOptions<number> = {},
): Generator<number> {
  const lastKey = ({ length }: number[], range: RangeOptions<Buffer>) =>
    entries.keys({ ...range, offset: length - 1, limit: 1 })[0];
  return inChunks({ low, high, ...options, read: (range) => numbers.range(range), lastKey });
}

/** The numbers in which keys end. */
export function* recordsAtEnd(keys: Iterable<Buffer>): Generator<number> {
  for (const key of keys) yield recordNumber(key, key.length - RECORD_BYTES);
}

interface Scan<T> extends ScanOptions<T> {
  low: Buffer;
  high: Buffer;
  read: (range: RangeOptions<Buffer>) => T[];
  /** Of a chunk that was just read in this range. */
  lastKey: (chunk: T[], range: RangeOptions<Buffer>) => Buffer | undefined;
}

/**
 * Read in chunks that begin small (a limit often ends the scan early) and hold no read transaction between them, so that
 * a slow cursor never keeps old pages alive; the file may be opened anew meanwhile.
 */
function* inChunks<T>({ low, high, reverse = false, isGone, read, lastKey }: Scan<T>): Generator<T> {
  let start = reverse ? high : low;
  let exclusiveStart = reverse;
  const end = reverse ? low : high;
  for (let limit = FIRST_CHUNK; ; limit = Math.min(limit * 4, MAX_CHUNK)) {
    const range = { start, end, reverse, limit, exclusiveStart, inclusiveEnd: reverse };
    const chunk = read(range);
    const last = chunk.length < limit ? undefined : lastKey(chunk, range);
    const there = isGone ? chunk.filter((item) => !isGone(item)) : chunk;
    for (const item of there) if (!isGone?.(item)) yield item;
    if (last === undefined) return;
    start = last;
    exclusiveStart = true;
  }
}

export function countRange(table: Table<Buffer>, low: Buffer, high: Buffer, limit = Infinity): number {
  // getKeysCount does not know limits (lmdb 3.5.6).
  if (limit === Infinity) return table.count(low, high);
  return table.keys({ start: low, end: high, limit }).length;
}

/** Entries that are counted at once: some milliseconds. */
const COUNTED = 20_000;
/** Of those that are looked at one by one, the same. */
const LOOKED_AT = 2_000;
/** Fewer are counted one by one: what skips entries (lmdb 3.5.6) does not look where the range ends. */
const FEW = 256;

/** The number of entries in pieces, between which others may have their turn. */
export function* countPieces(table: Table<Buffer>, low: Buffer, high: Buffer): Generator<number> {
  const first = countRange(table, low, high, FEW);
  if (first < FEW) return yield first;
  for (let start = low; ;) {
    const [next] = table.keys({ start, end: high, offset: COUNTED, limit: 1 });
    if (next === undefined) return yield table.count(start, high);
    yield COUNTED;
    start = next;
  }
}

/** The same for what has to be looked at one by one. */
export function* inPieces(items: Iterable<unknown>): Generator<number> {
  let count = 0;
  for (const _ of items) {
    if (++count < LOOKED_AT) continue;
    yield count;
    count = 0;
  }
  yield count;
}

export function countUpTo(items: Iterable<unknown>, limit: number): number {
  let count = 0;
  for (const _ of items) if (++count >= limit) break;
  return count;
}

/** Removes up to `limit` entries with this prefix and tells how many there were. */
export function removePrefix(table: Table<Buffer>, prefix: Buffer, limit: number): number {
  const end = Buffer.concat([prefix, Buffer.alloc(16, 0xff)]);
  const keys = table.keys({ start: prefix, end, limit });
  for (const key of keys) table.remove(key);
  return keys.length;
}

export function prefixOf(id: number): Buffer {
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt32BE(id);
  return prefix;
}

/** A record's number as 8 bytes in order of insertion. */
export function recordBytes(record: number): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_BYTES);
  writeRecord(bytes, record, 0);
  return bytes;
}

/** Where a collection's record lies. */
export function recordKey(collection: number, record: number): Buffer {
  const key = Buffer.allocUnsafe(PREFIX_BYTES + RECORD_BYTES);
  key.writeUInt32BE(collection);
  writeRecord(key, record, PREFIX_BYTES);
  return key;
}

export function writeRecord(bytes: Buffer, record: number, offset: number): void {
  bytes.writeUInt32BE(Math.floor(record / 2 ** 32), offset);
  bytes.writeUInt32BE(record % 2 ** 32, offset + 4);
}

export function recordNumber(bytes: Buffer, offset = 0): number {
  return bytes.readUInt32BE(offset) * 2 ** 32 + bytes.readUInt32BE(offset + 4);
}
