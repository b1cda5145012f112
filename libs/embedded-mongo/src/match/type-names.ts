import { Code } from 'bson';
import { rankOf, TypeRank } from '../bson/compare.js';
import { bsonType, numberOf } from '../bson/document.js';
import { isInt32 } from '../bson/number.js';
import { badValue, failedToParse } from '../errors.js';

const CODES: Record<string, number> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

const NAMES = new Map(Object.entries(CODES).map(([name, code]) => [code, name]));

const NAME_OF_RANK: Record<number, string> = {
  [TypeRank.MinKey]: 'minKey',
  [TypeRank.Undefined]: 'undefined',
  [TypeRank.Null]: 'null',
  [TypeRank.String]: 'string',
  [TypeRank.Object]: 'object',
  [TypeRank.Array]: 'array',
  [TypeRank.Binary]: 'binData',
  [TypeRank.ObjectId]: 'objectId',
  [TypeRank.Boolean]: 'bool',
  [TypeRank.Date]: 'date',
  [TypeRank.Timestamp]: 'timestamp',
  [TypeRank.RegExp]: 'regex',
  [TypeRank.Code]: 'javascript',
  [TypeRank.MaxKey]: 'maxKey',
};

const NUMERIC: Record<string, string> = { Int32: 'int', Double: 'double', Long: 'long', Decimal128: 'decimal' };

/** MongoDB's name of a value's type; `undefined` for a missing value. */
export function typeName(value: unknown): string {
  const rank = rankOf(value);
  if (value instanceof Code && value.scope) return 'javascriptWithScope';
  if (rank !== TypeRank.Number) return bsonType(value) === 'BSONSymbol' ? 'symbol' : (NAME_OF_RANK[rank] ?? 'object');
  if (typeof value !== 'number') return NUMERIC[bsonType(value) ?? ''] ?? 'long';
  return isInt32(value) ? 'int' : 'double';
}

/** The test behind `$type`: one name, one number, or an array of them. */
export function typeTest(operand: unknown): (value: unknown) => boolean {
  if (Array.isArray(operand) && operand.length === 0) throw failedToParse('$type must match at least one type');
  const names = new Set((Array.isArray(operand) ? operand : [operand]).flatMap(namesOf));
  return (value) => value !== undefined && names.has(typeName(value));
}

/** Lowest and highest rank in key order that a `$type` can match. */
export function typeRanks(operand: unknown): number[] {
  const names = new Set((Array.isArray(operand) ? operand : [operand]).flatMap(namesOf));
  const ranks = Object.entries(NAME_OF_RANK).flatMap(([rank, name]) => (names.has(name) ? [Number(rank)] : []));
  if (names.has('javascriptWithScope') && !names.has('javascript')) ranks.push(TypeRank.Code);
  if (names.has('symbol') && !names.has('string')) ranks.push(TypeRank.String);
  if (Object.values(NUMERIC).some((name) => names.has(name))) ranks.push(TypeRank.Number);
  return ranks;
}

function namesOf(operand: unknown): string[] {
  if (operand === 'number') return Object.values(NUMERIC);
  if (typeof operand === 'string' && operand in CODES) return [operand];
  const code = numberOf(operand);
  const name = code === undefined ? undefined : NAMES.get(code);
  if (name === undefined) {
    throw badValue(
      `${code === undefined ? 'Unknown type name alias' : 'Invalid numerical type code'}: ${String(operand)}`,
    );
  }
  return [name];
}
