import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { BatchFacts } from './log-entry.js';
import type { LogWrite, StateWrite, WriteBatch } from './write-batch.js';

/**
 * One commit as it is written to a data file:
 * magic, bytes of the body (4 each), CRC-32 of all that follows (4), sequence (8), and the body:
 * number of log changes, bytes of the states (4 each), the log changes (49 each), the states, the record batches.
 */
const magic = 0x47565246;
const at = { magic: 0, length: 4, crc: 8, checked: 12, sequence: 12 } as const;
export const frameHeaderBytes = 20;
const countsBytes = 8;
const changeBytes = 49;

export type LogChange =
  | {
      readonly kind: 'append' | 'replace';
      readonly facts: BatchFacts;
      /** Where the batch begins, from the frame's first byte on. */
      readonly start: number;
      readonly bytes: number;
    }
  | { readonly kind: 'remove'; readonly partitionId: number; readonly baseOffset: number };

/** What a commit changes; the batches themselves stay in the file. */
export interface Frame {
  /** Counts the commits, without a gap. */
  readonly sequence: number;
  readonly logs: readonly LogChange[];
  readonly states: readonly StateWrite[];
  /** Header included. */
  readonly bytes: number;
}

const kinds = ['append', 'replace', 'remove'] as const;

/** The bytes are taken from `allocate`, which may give memory that was used before. */
export function encodeFrame(
  sequence: number,
  { writes }: WriteBatch,
  allocate: (bytes: number) => Buffer = Buffer.allocUnsafe,
): { readonly frame: Frame; readonly bytes: Buffer } {
  const logWrites = writes.filter((write) => write.kind !== 'state');
  const states = writes.filter((write) => write.kind === 'state');
  const stateBytes = states.length === 0 ? Buffer.alloc(0) : serialize(states.map(({ key, value }) => [key, value]));
  const changesAt = frameHeaderBytes + countsBytes;
  const batchesAt = changesAt + logWrites.length * changeBytes + stateBytes.length;
  const size = logWrites.reduce((sum, write) => sum + ('batch' in write ? write.batch.length : 0), batchesAt);
  const bytes = allocate(size);
  bytes.writeUInt32BE(magic, at.magic);
  bytes.writeUInt32BE(size - frameHeaderBytes, at.length);
  bytes.writeDoubleBE(sequence, at.sequence);
  bytes.writeUInt32BE(logWrites.length, frameHeaderBytes);
  bytes.writeUInt32BE(stateBytes.length, frameHeaderBytes + 4);
  let start = batchesAt;
  const logs = logWrites.map((write, index) => {
    const change = changeOf(write, start);
    writeChange(bytes, changesAt + index * changeBytes, change);
    if ('batch' in write) start += write.batch.copy(bytes, start);
    return change;
  });
  stateBytes.copy(bytes, batchesAt - stateBytes.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(at.checked)), at.crc);
  return { frame: { sequence, logs, states, bytes: size }, bytes };
}

function changeOf(write: LogWrite, start: number): LogChange {
  if (write.kind === 'remove') return write;
  return { kind: write.kind, facts: write.facts, start, bytes: write.batch.length };
}

/** The bytes of the frame that begins with this header, or null when none does. */
export function frameBytes(header: Buffer): number | null {
  if (header.length < frameHeaderBytes || header.readUInt32BE(at.magic) !== magic) return null;
  return header.readUInt32BE(at.length) + frameHeaderBytes;
}

/** Null for anything but a frame as it was written, from its first to its last byte. */
export function decodeFrame(bytes: Buffer): Frame | null {
  if (frameBytes(bytes) !== bytes.length) return null;
  if (crc32(bytes.subarray(at.checked)) !== bytes.readUInt32BE(at.crc)) return null;
  const logCount = bytes.readUInt32BE(frameHeaderBytes);
  const stateBytes = bytes.readUInt32BE(frameHeaderBytes + 4);
  const changesAt = frameHeaderBytes + countsBytes;
  const statesAt = changesAt + logCount * changeBytes;
  let start = statesAt + stateBytes;
  const logs = Array.from({ length: logCount }, (_, index) => {
    const change = readChange(bytes, changesAt + index * changeBytes, start);
    if (change.kind !== 'remove') start += change.bytes;
    return change;
  });
  const states = stateBytes === 0 ? [] : statesOf(bytes.subarray(statesAt, statesAt + stateBytes));
  return { sequence: bytes.readDoubleBE(at.sequence), logs, states, bytes: bytes.length };
}

function statesOf(bytes: Buffer): StateWrite[] {
  const pairs = deserialize(bytes) as [StateWrite['key'], StateWrite['value']][];
  return pairs.map(([key, value]) => ({ kind: 'state', key, value }));
}

function writeChange(bytes: Buffer, position: number, change: LogChange): void {
  const { partitionId, baseOffset } = change.kind === 'remove' ? change : change.facts;
  const facts = change.kind === 'remove' ? undefined : change.facts;
  bytes.writeUInt8(kinds.indexOf(change.kind), position);
  bytes.writeUInt32BE(partitionId, position + 1);
  bytes.writeDoubleBE(baseOffset, position + 5);
  bytes.writeDoubleBE(facts?.lastOffset ?? 0, position + 13);
  bytes.writeUInt32BE(change.kind === 'remove' ? 0 : change.bytes, position + 21);
  bytes.writeDoubleBE(facts?.maxTimestamp ?? 0, position + 25);
  bytes.writeDoubleBE(facts?.totalBytes ?? 0, position + 33);
  bytes.writeDoubleBE(facts?.maxTimestampSoFar ?? 0, position + 41);
}

function readChange(bytes: Buffer, position: number, start: number): LogChange {
  const kind = kinds[bytes.readUInt8(position)] ?? 'remove';
  const partitionId = bytes.readUInt32BE(position + 1);
  const baseOffset = bytes.readDoubleBE(position + 5);
  if (kind === 'remove') return { kind, partitionId, baseOffset };
  const facts = {
    partitionId,
    baseOffset,
    lastOffset: bytes.readDoubleBE(position + 13),
    maxTimestamp: bytes.readDoubleBE(position + 25),
    totalBytes: bytes.readDoubleBE(position + 33),
    maxTimestampSoFar: bytes.readDoubleBE(position + 41),
  };
  return { kind, facts, start, bytes: bytes.readUInt32BE(position + 21) };
}
