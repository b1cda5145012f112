import { bsonType, isDate, type Document } from './document.js';
import { compareDoubles, compareNumbers, numberParts } from './number.js';

/** BSON's order of types; the values are also the first byte of an index key. */
export const TypeRank = {
  MinKey: 0x04,
  Undefined: 0x08,
  Null: 0x0c,
  Number: 0x10,
  String: 0x20,
  Object: 0x28,
  Array: 0x30,
  Binary: 0x38,
  ObjectId: 0x40,
  Boolean: 0x48,
  Date: 0x50,
  Timestamp: 0x54,
  RegExp: 0x58,
  Code: 0x60,
  MaxKey: 0x70,
} as const;

const RANK_OF_BSON: Record<string, number> = {
  Int32: TypeRank.Number,
  Double: TypeRank.Number,
  Long: TypeRank.Number,
  Decimal128: TypeRank.Number,
  ObjectId: TypeRank.ObjectId,
  Binary: TypeRank.Binary,
  Timestamp: TypeRank.Timestamp,
  BSONRegExp: TypeRank.RegExp,
  BSONSymbol: TypeRank.String,
  MinKey: TypeRank.MinKey,
  MaxKey: TypeRank.MaxKey,
  Code: TypeRank.Code,
};

export function rankOf(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return TypeRank.Undefined;
    case 'string':
      return TypeRank.String;
    case 'number':
    case 'bigint':
      return TypeRank.Number;
    case 'boolean':
      return TypeRank.Boolean;
  }
  if (value === null) return TypeRank.Null;
  if (value instanceof Date) return TypeRank.Date;
  if (Array.isArray(value)) return TypeRank.Array;
  const type = bsonType(value);
  if (type !== undefined) return RANK_OF_BSON[type] ?? TypeRank.Object;
  if (isDate(value)) return TypeRank.Date;
  if (value instanceof RegExp) return TypeRank.RegExp;
  return value instanceof Uint8Array ? TypeRank.Binary : TypeRank.Object;
}

/** BSON's total order: type first, then value; numbers across their types; documents field by field. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === 'number' && typeof b === 'number') return compareDoubles(a, b);
  if (a instanceof Date && b instanceof Date) return Math.sign(a.getTime() - b.getTime()) || 0;
  const rank = rankOf(a);
  const difference = rank - rankOf(b);
  if (difference !== 0) return Math.sign(difference);
  switch (rank) {
    case TypeRank.Number:
      return compareNumbers(numberParts(a) ?? [0, 0], numberParts(b) ?? [0, 0]);
    case TypeRank.String:
      return compareStrings(textOf(a), textOf(b));
    case TypeRank.Object:
      return compareDocuments(entriesOf(a), entriesOf(b));
    case TypeRank.Array:
      return compareDocuments(entriesOf(a), entriesOf(b), false);
    case TypeRank.Boolean:
      return Number(a) - Number(b);
    case TypeRank.Date:
      return Math.sign(Number(a) - Number(b)) || 0;
    default:
      return compareOther(rank, a, b);
  }
}

export function equalValues(a: unknown, b: unknown): boolean {
  return compareValues(a, b) === 0;
}

function compareOther(rank: number, a: unknown, b: unknown): number {
  if (rank === TypeRank.Binary) return compareBinaries(binaryOf(a), binaryOf(b));
  if (rank === TypeRank.ObjectId) return compareStrings(String(a), String(b));
  if (rank === TypeRank.RegExp) {
    const [x, y] = [regExpOf(a), regExpOf(b)];
    return compareStrings(x[0], y[0]) || compareStrings(x[1], y[1]);
  }
  if (rank === TypeRank.Timestamp) return compareStrings(timestampHex(a), timestampHex(b));
  if (rank === TypeRank.Code) return compareStrings(JSON.stringify(a), JSON.stringify(b));
  return 0;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}

/** UTF-8 order, which is code point order; JavaScript's own differs above the basic plane. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rankUnit(x) - rankUnit(y) < 0 ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

/** Surrogates stand for code points above all other units. */
function rankUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Fields of a document, or the elements of an array; a reference (DBRef) is its document. */
export function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  if (bsonType(value) === 'DBRef' && 'toJSON' in value && typeof value.toJSON === 'function') {
    return Object.entries(value.toJSON() as Document);
  }
  return Object.entries(value);
}

function compareDocuments(a: [string, unknown][], b: [string, unknown][], named = true): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [aName, aValue] = a[i] ?? ['', undefined];
    const [bName, bValue] = b[i] ?? ['', undefined];
    const order =
      Math.sign(rankOf(aValue) - rankOf(bValue)) ||
      (named ? compareStrings(aName, bName) : 0) ||
      compareValues(aValue, bValue);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

export function binaryOf(value: unknown): { bytes: Uint8Array; subtype: number } {
  if (value instanceof Uint8Array) return { bytes: value, subtype: 0 };
  const { buffer, position, sub_type } = value as { buffer: Uint8Array; position: number; sub_type: number };
  return { bytes: buffer.subarray(0, position), subtype: sub_type };
}

function compareBinaries(a: ReturnType<typeof binaryOf>, b: ReturnType<typeof binaryOf>): number {
  return Math.sign(a.bytes.length - b.bytes.length || a.subtype - b.subtype) || Buffer.compare(a.bytes, b.bytes);
}

export function regExpOf(value: unknown): [pattern: string, options: string] {
  if (value instanceof RegExp) return [value.source, value.flags];
  const { pattern, options } = value as { pattern: string; options: string };
  return [pattern, options];
}

/** Timestamps are unsigned 64 bit: 16 hex digits sort like them. */
export function timestampHex(value: unknown): string {
  const { high, low } = value as { high: number; low: number };
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
