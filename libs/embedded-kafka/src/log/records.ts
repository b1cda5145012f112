/** One record of a decompressed batch. */
export interface LogRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly isTombstone: boolean;
  /** The record as it stands in the batch, its length included. */
  readonly raw: Buffer;
}

/** The records' bytes do not follow Kafka's record format. */
export class MalformedRecordsError extends Error {
  readonly code = 'EMBEDDED_KAFKA.MALFORMED_RECORDS';
  override readonly name = 'MalformedRecordsError';
}

/** Reads `count` records. Throws MalformedRecordsError when the bytes end early or lengths do not fit. */
export function readRecords(payload: Buffer, count: number): LogRecord[] {
  const records: LogRecord[] = [];
  const cursor = { at: 0 };
  for (let index = 0; index < count; index += 1) records.push(readRecord(payload, cursor));
  return records;
}

export interface NewRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** A record without headers; for tests and for tools that write logs. */
export function encodeRecord(record: NewRecord): Buffer {
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(record.timestampDelta),
    varint(record.offsetDelta),
    ...blob(record.key),
    ...blob(record.value),
    varint(0),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

interface Cursor {
  at: number;
}

function readRecord(payload: Buffer, cursor: Cursor): LogRecord {
  const start = cursor.at;
  const length = readVarint(payload, cursor);
  const end = cursor.at + length;
  if (length < 0 || end > payload.length) throw new MalformedRecordsError('a record is longer than its batch');
  cursor.at += 1;
  const timestampDelta = readVarint(payload, cursor);
  const offsetDelta = readVarint(payload, cursor);
  const key = readBlob(payload, cursor, end);
  const valueLength = readVarint(payload, cursor);
  if (cursor.at + Math.max(valueLength, 0) > end) throw new MalformedRecordsError('a value is longer than its record');
  cursor.at = end;
  return { offsetDelta, timestampDelta, key, isTombstone: valueLength < 0, raw: payload.subarray(start, end) };
}

function readBlob(payload: Buffer, cursor: Cursor, end: number): Buffer | null {
  const length = readVarint(payload, cursor);
  if (length < 0) return null;
  const start = cursor.at;
  if (start + length > end) throw new MalformedRecordsError('a key is longer than its record');
  cursor.at += length;
  return payload.subarray(start, start + length);
}

/** Zigzag variable-length integers of up to 64 bits; exact up to 2^53. */
function readVarint(bytes: Buffer, cursor: Cursor): number {
  let value = 0;
  let factor = 1;
  for (let count = 0; count < 10; count += 1) {
    const byte = bytes[cursor.at];
    if (byte === undefined) throw new MalformedRecordsError('the records end in the middle of a number');
    cursor.at += 1;
    value += (byte & 0x7f) * factor;
    if ((byte & 0x80) === 0) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    factor *= 128;
  }
  throw new MalformedRecordsError('a number has more than ten bytes');
}

function varint(value: number): Buffer {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  const bytes: number[] = [];
  while (rest >= 128) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

function blob(bytes: Buffer | null): Buffer[] {
  return bytes === null ? [varint(-1)] : [varint(bytes.length), bytes];
}
