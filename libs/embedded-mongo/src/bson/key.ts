import { createHash } from 'node:crypto';
import { binaryOf, entriesOf, rankOf, regExpOf, textOf, timestampHex, TypeRank } from './compare.js';
import { numberParts } from './number.js';

/**
 * Values as bytes whose order is BSON's order. No encoding is a prefix of another, so encodings can be joined
 * (compound keys) and everything equal to a value lies between its encoding and the next prefix.
 */
export function encodeKey(value: unknown): Buffer {
  // Most keys are ids.
  if (typeof value === 'string' && !value.includes('\0')) return textKey(value);
  const bytes: number[] = [];
  write(bytes, value);
  return Buffer.from(bytes);
}

function textKey(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(length + 3);
  bytes[0] = TypeRank.String;
  bytes.write(text, 1, 'utf8');
  bytes.writeUInt16BE(TEXT_END, length + 1);
  return bytes;
}

/** Lower and upper end of every key of one type. */
export function rankBounds(rank: number): { low: Buffer; high: Buffer } {
  return { low: Buffer.from([rank]), high: Buffer.from([rank + 1]) };
}

/** Below and above every key, ascending or descending. */
export const LOWEST = Buffer.from([0x01]);
export const HIGHEST = Buffer.from([0xff]);

/** The first byte string after all that begin with this one. */
export function afterPrefix(prefix: Uint8Array): Buffer {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  if (end === 0) return HIGHEST;
  const next = Buffer.from(prefix.subarray(0, end));
  next[end - 1] = (next[end - 1] ?? 0) + 1;
  return next;
}

/** Descending order of the same values. */
export function invert(bytes: Uint8Array): Buffer {
  const result = Buffer.allocUnsafe(bytes.length);
  for (let i = 0; i < bytes.length; i++) result[i] = ~(bytes[i] ?? 0);
  return result;
}

const HASH_BYTES = 16;

/** LMDB's keys end at 1,978 bytes: a longer part is its beginning and a hash, exact for equality, not for order. */
export function shorten(part: Buffer, maxBytes: number): Buffer {
  if (part.length <= maxBytes) return part;
  const hash = createHash('sha256').update(part).digest().subarray(0, HASH_BYTES);
  return Buffer.concat([part.subarray(0, maxBytes - HASH_BYTES), hash]);
}

/** The beginning that a long part shares with all that are shortened like it. */
export function shortenedPrefix(part: Buffer, maxBytes: number): Buffer {
  return part.length <= maxBytes ? part : part.subarray(0, maxBytes - HASH_BYTES);
}

/** Longest part of a key with so many fields. */
export function maxPartBytes(fields: number): number {
  return Math.min(900, Math.floor(1_800 / fields));
}

function write(bytes: number[], value: unknown): void {
  const rank = rankOf(value);
  bytes.push(rank);
  writePayload(bytes, rank, value);
}

/** 0 1: less than what any longer text goes on with. */
const TEXT_END = 0x0001;

function writePayload(bytes: number[], rank: number, value: unknown): void {
  switch (rank) {
    case TypeRank.Number:
      return writeNumber(bytes, value);
    case TypeRank.String:
      return writeText(bytes, textOf(value));
    case TypeRank.Object:
      return writeEntries(bytes, value, true);
    case TypeRank.Array:
      return writeEntries(bytes, value, false);
    case TypeRank.Binary:
      return writeBinary(bytes, value);
    case TypeRank.ObjectId:
      return void bytes.push(...Buffer.from(String(value), 'hex'));
    case TypeRank.Boolean:
      return void bytes.push(value === true ? 1 : 0);
    case TypeRank.Date:
      return writeDouble(bytes, Number(value));
    case TypeRank.Timestamp:
      return void bytes.push(...Buffer.from(timestampHex(value), 'hex'));
    case TypeRank.RegExp:
      return regExpOf(value).forEach((text) => writeText(bytes, text));
    case TypeRank.Code:
      return writeText(bytes, JSON.stringify(value));
  }
}

const scratch = Buffer.alloc(8);

/** Doubles sort as bytes when negative ones are inverted and positive ones get the top bit; NaN comes first. */
function writeDouble(bytes: number[], value: number): void {
  if (Number.isNaN(value)) return void bytes.push(0, 0, 0, 0, 0, 0, 0, 0);
  scratch.writeDoubleBE(value === 0 ? 0 : value);
  const flip = (scratch[0] ?? 0) & 0x80 ? 0xff : 0;
  bytes.push((scratch[0] ?? 0) ^ (flip || 0x80));
  for (let i = 1; i < 8; i++) bytes.push((scratch[i] ?? 0) ^ flip);
}

/** The nearest double, then what is left of an int64 or decimal: below, nothing, above. */
function writeNumber(bytes: number[], value: unknown): void {
  const [nearest, rest] = numberParts(value) ?? [0, 0];
  writeDouble(bytes, nearest);
  if (rest === 0) return void bytes.push(2);
  bytes.push(rest < 0 ? 1 : 3);
  writeDouble(bytes, rest);
}

/** UTF-8 with 0 written as 0 255 and ended by 0 1, so that a shorter text comes first. */
function writeText(bytes: number[], text: string): void {
  for (const byte of Buffer.from(text, 'utf8')) {
    bytes.push(byte);
    if (byte === 0) bytes.push(0xff);
  }
  bytes.push(0, 1);
}

function writeEntries(bytes: number[], value: unknown, named: boolean): void {
  for (const [name, item] of entriesOf(value)) {
    const rank = rankOf(item);
    bytes.push(rank);
    if (named) writeText(bytes, name);
    writePayload(bytes, rank, item);
  }
  bytes.push(0);
}

function writeBinary(bytes: number[], value: unknown): void {
  const { bytes: content, subtype } = binaryOf(value);
  scratch.writeUInt32BE(content.length);
  bytes.push(...scratch.subarray(0, 4), subtype);
  for (const byte of content) bytes.push(byte);
}
