import { crc32c } from './crc32c.js';

/** Byte positions in a record batch of magic 2 (Kafka's message format, "Record Batch"). */
const at = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

export const batchHeaderBytes = 61;
/** What stands before the bytes that the batch's own length counts. */
const lengthPrefixBytes = 12;
const currentMagic = 2;

export const timestampTypeBit = 0x08;
export const transactionalBit = 0x10;
export const controlBit = 0x20;

export interface BatchHeader {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

export type BatchProblem = 'format' | 'corrupt' | 'several';

/** What keeps a produced record set from being one intact batch of magic 2, or null. */
export function problemOf(batch: Buffer): BatchProblem | null {
  if (batch.length <= at.magic) return 'format';
  if (batch.readInt8(at.magic) !== currentMagic) return 'format';
  if (batch.length < batchHeaderBytes) return 'corrupt';
  const length = batch.readInt32BE(at.batchLength) + lengthPrefixBytes;
  if (length < batchHeaderBytes || length > batch.length) return 'corrupt';
  if (length < batch.length) return 'several';
  if (crc32c(batch.subarray(at.attributes)) !== batch.readUInt32BE(at.crc)) return 'corrupt';
  const count = batch.readInt32BE(at.recordCount);
  if (count <= 0 || batch.readInt32BE(at.lastOffsetDelta) !== count - 1) return 'format';
  return null;
}

export function readHeader(batch: Buffer): BatchHeader {
  const baseOffset = readInt64(batch, at.baseOffset);
  return {
    baseOffset,
    lastOffset: baseOffset + batch.readInt32BE(at.lastOffsetDelta),
    attributes: batch.readInt16BE(at.attributes),
    baseTimestamp: readInt64(batch, at.baseTimestamp),
    maxTimestamp: readInt64(batch, at.maxTimestamp),
    producerId: readInt64(batch, at.producerId),
    producerEpoch: batch.readInt16BE(at.producerEpoch),
    baseSequence: batch.readInt32BE(at.baseSequence),
    recordCount: batch.readInt32BE(at.recordCount),
  };
}

/** Places a batch in the log. Both fields stand before the checksum's range, so it stays valid. */
export function stampPosition(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  writeInt64(batch, baseOffset, at.baseOffset);
  batch.writeInt32BE(leaderEpoch, at.leaderEpoch);
}

/** Replaces the records' times by the broker's (`message.timestamp.type=LogAppendTime`). */
export function stampAppendTime(batch: Buffer, nowMs: number): void {
  batch.writeInt16BE(batch.readInt16BE(at.attributes) | timestampTypeBit, at.attributes);
  writeInt64(batch, nowMs, at.maxTimestamp);
  sealBatch(batch);
}

/** A batch with the header of `original` around other (already compressed) records. */
export function rebuildBatch(
  original: Buffer,
  records: Buffer,
  facts: Pick<BatchHeader, 'attributes' | 'recordCount' | 'maxTimestamp'>,
): Buffer {
  const batch = Buffer.concat([original.subarray(0, batchHeaderBytes), records]);
  batch.writeInt32BE(batch.length - lengthPrefixBytes, at.batchLength);
  batch.writeInt16BE(facts.attributes, at.attributes);
  batch.writeInt32BE(facts.recordCount, at.recordCount);
  writeInt64(batch, facts.maxTimestamp, at.maxTimestamp);
  sealBatch(batch);
  return batch;
}

/** Makes the checksum fit the content. */
export function sealBatch(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch.subarray(at.attributes)), at.crc);
}

/** A complete batch from its header's fields; for tests and for tools that write logs. */
export function buildBatch(header: BatchHeader, records: Buffer): Buffer {
  const batch = Buffer.alloc(batchHeaderBytes + records.length);
  writeInt64(batch, header.baseOffset, at.baseOffset);
  batch.writeInt32BE(batch.length - lengthPrefixBytes, at.batchLength);
  batch.writeInt8(currentMagic, at.magic);
  batch.writeInt16BE(header.attributes, at.attributes);
  batch.writeInt32BE(header.lastOffset - header.baseOffset, at.lastOffsetDelta);
  writeInt64(batch, header.baseTimestamp, at.baseTimestamp);
  writeInt64(batch, header.maxTimestamp, at.maxTimestamp);
  writeInt64(batch, header.producerId, at.producerId);
  batch.writeInt16BE(header.producerEpoch, at.producerEpoch);
  batch.writeInt32BE(header.baseSequence, at.baseSequence);
  batch.writeInt32BE(header.recordCount, at.recordCount);
  records.copy(batch, batchHeaderBytes);
  sealBatch(batch);
  return batch;
}

function readInt64(bytes: Buffer, position: number): number {
  return bytes.readInt32BE(position) * 0x1_0000_0000 + bytes.readUInt32BE(position + 4);
}

function writeInt64(bytes: Buffer, value: number, position: number): void {
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), position);
  bytes.writeUInt32BE(value >>> 0, position + 4);
}
