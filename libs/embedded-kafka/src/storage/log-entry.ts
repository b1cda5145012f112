/** What is known of a record batch without reading it. */
export interface BatchFacts {
  readonly partitionId: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** The largest time of its records. */
  readonly maxTimestamp: number;
  /** Bytes appended to the partition up to and with this batch, so that its size is known without adding up. */
  readonly totalBytes: number;
  /** The largest timestamp so far, which never falls with the offset, so that a time is found by binary search. */
  readonly maxTimestampSoFar: number;
}

/** Where the bytes of a batch lie. */
export interface Place {
  readonly file: number;
  readonly position: number;
  readonly bytes: number;
}

/** A batch in the index. */
export interface LogEntry extends BatchFacts {
  readonly place: Place;
}

const valueBytes = 42;
const keyBytes = 12;

/** (partition, base offset) big-endian, so that byte order is log order. */
export function logKey(partitionId: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(keyBytes);
  key.writeUInt32BE(partitionId, 0);
  key.writeUInt32BE(Math.floor(offset / 0x1_0000_0000), 4);
  key.writeUInt32BE(offset >>> 0, 8);
  return key;
}

export function offsetOf(key: Buffer): number {
  return key.readUInt32BE(4) * 0x1_0000_0000 + key.readUInt32BE(8);
}

/** What the index holds under the batch's key. */
export function encodeEntry({ place, baseOffset, lastOffset, ...facts }: LogEntry): Buffer {
  const value = Buffer.allocUnsafe(valueBytes);
  value.writeUInt32BE(place.file, 0);
  value.writeUIntBE(place.position, 4, 6);
  value.writeUInt32BE(place.bytes, 10);
  value.writeUInt32BE(lastOffset - baseOffset, 14);
  value.writeDoubleBE(facts.maxTimestamp, 18);
  value.writeDoubleBE(facts.totalBytes, 26);
  value.writeDoubleBE(facts.maxTimestampSoFar, 34);
  return value;
}

export function decodeEntry(key: Buffer, value: Buffer): LogEntry {
  const baseOffset = offsetOf(key);
  return {
    partitionId: key.readUInt32BE(0),
    baseOffset,
    lastOffset: baseOffset + value.readUInt32BE(14),
    maxTimestamp: value.readDoubleBE(18),
    totalBytes: value.readDoubleBE(26),
    maxTimestampSoFar: value.readDoubleBE(34),
    place: { file: value.readUInt32BE(0), position: value.readUIntBE(4, 6), bytes: value.readUInt32BE(10) },
  };
}
