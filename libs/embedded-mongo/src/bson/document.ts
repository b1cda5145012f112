import { BSON, DBRef, Decimal128, Double, Int32 } from 'bson';
import { double, isLong } from './number.js';
import { BsonWriter } from './writer.js';

/**
 * A document as the server holds it: decoded without promotion, so int32, int64 and double keep their types
 * (`Int32`, `Long`, `Double`) and are written back as they came.
 */
export type Document = Record<string, unknown>;

const TYPED = { promoteValues: false, promoteBuffers: false, bsonRegExp: true, useBigInt64: false } as const;

/** Fields of a reference (DBRef): names like those of operators, but data. */
export const REFERENCE_FIELDS: ReadonlySet<string> = new Set(['$ref', '$id', '$db']);

/** Decodes BSON; throws BSONError when the bytes are broken. */
export function decode(bytes: Uint8Array): Document {
  const document: Document = BSON.deserialize(bytes, TYPED);
  return hasReference(bytes) ? withPlainReferences(document) : document;
}

function hasReference({ buffer, byteOffset, length }: Uint8Array): boolean {
  return Buffer.from(buffer, byteOffset, length).includes('$ref\0');
}

/** The decoder makes objects of its own of references (`$ref`, `$id`); to a database they are documents. */
function withPlainReferences(document: Document): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) setField(result, key, plainReference(document[key]));
  return result;
}

function plainReference(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainReference);
  if (!(value instanceof DBRef)) return isDocument(value) ? withPlainReferences(value) : value;
  const { collection, oid, db, fields } = value;
  return withPlainReferences({ $ref: collection, $id: oid, ...(db !== undefined && { $db: db }), ...fields });
}

const writer = new BsonWriter();

export function encode(document: Document): Buffer {
  return writer.encode(document);
}

/** `Int32`, `Long`, `Decimal128` …, or undefined for plain JavaScript values. */
export function bsonType(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('_bsontype' in value)) return undefined;
  return typeof value._bsontype === 'string' ? value._bsontype : undefined;
}

export function isDate(value: unknown): value is Date {
  return value instanceof Date || Object.prototype.toString.call(value) === '[object Date]';
}

/** True for an embedded document, false for arrays, dates and BSON types. */
export function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.getPrototypeOf(value) === Object.prototype) return !('_bsontype' in value);
  if (Array.isArray(value) || '_bsontype' in value) return false;
  return !isDate(value) && !(value instanceof RegExp) && !(value instanceof Uint8Array);
}

/** The document at this place of a command, or undefined. */
export function asDocument(value: unknown): Document | undefined {
  return isDocument(value) ? value : undefined;
}

/** The number behind int32, double, a safe int64 or a plain number; undefined for everything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (isLong(value)) return value.toNumber();
  return undefined;
}

/** What `if` means to MongoDB: everything but false, null, missing and zero. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return value instanceof Decimal128 ? Number(value.toString()) !== 0 : numberOf(value) !== 0;
}

/** Numbers as expressions hold them (`double`) in place of BSON's. Nothing is lost: they are written as they came. */
export function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Int32) return value.value;
  if (value instanceof Double) return double(value.value);
  return isDocument(value) ? plainDocument(value) : value;
}

export function plainDocument(document: Document): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) setField(result, key, plain(document[key]));
  return result;
}

/** JavaScript numbers in place of BSON's, for mingo; an int64 that a double cannot hold and patterns stay. */
export function promote(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(promote);
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (isLong(value)) return Number.isSafeInteger(value.toNumber()) ? value.toNumber() : value;
  return isDocument(value) ? promoteDocument(value) : value;
}

export function promoteDocument(document: Document): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) setField(result, key, promote(document[key]));
  return result;
}

/** Assigns a field, also one called `__proto__`. */
export function setField(target: Document, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A field of the document itself, never one of its prototype. */
export function getField(document: Document, key: string): unknown {
  return Object.hasOwn(document, key) ? document[key] : undefined;
}

/**
 * A PCRE pattern as JavaScript can run it: flags i, m, s, u and x (free spacing). Undefined when it is not valid here.
 */
export function compilePattern(pattern: string, options: string): RegExp | undefined {
  const flags = [...new Set(options)].filter((flag) => 'imsu'.includes(flag)).join('');
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const body = inline ? pattern.slice(inline[0].length) : pattern;
  const source = options.includes('x') ? body.replace(/\\#|\\\s|#.*$|\s+/gm, (m) => (m[0] === '\\' ? m : '')) : body;
  const all = flags + (inline?.[1] ?? '');
  // Of classes such as \p{L} JavaScript knows with the flag u only, which forbids other things that PCRE allows.
  return (/\\p\{/i.test(source) ? regExp(source, `${all}u`) : undefined) ?? regExp(source, all);
}

function regExp(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, [...new Set(flags)].join(''));
  } catch {
    return undefined;
  }
}

/** Copies arrays and embedded documents; BSON values are immutable here and are shared. */
export function clone<T>(value: T): T;
export function clone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => clone(item));
  if (!isDocument(value)) return value;
  const result: Document = {};
  for (const key of Object.keys(value)) setField(result, key, clone(value[key]));
  return result;
}
