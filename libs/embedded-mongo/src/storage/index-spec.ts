import { getField, isDocument, isTrue, numberOf, type Document } from '../bson/document.js';
import { Code, failedToParse, MongoError } from '../errors.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { describeIdle, isIdle } from './idle-indexes.js';

/** An index as the catalog holds it; `multikey[i]` are the depths at which field i runs through arrays. */
export interface IndexSpec {
  id: number;
  name: string;
  fields: { path: string; parts: string[]; descending: boolean }[];
  /** `hashed`: kept like an ascending index, of which equality is asked; arrays are refused. */
  hashed: boolean;
  /** Text, geo, wildcard: kept in the catalog for who creates and lists them; without keys, and of no use to a query. */
  idle: boolean;
  unique: boolean;
  sparse: boolean;
  partial?: { filter: Filter; source: Document };
  expireAfterSeconds?: number;
  multikey: number[][];
  /** As it was asked for, in the shape that listIndexes returns. */
  source: Document;
}

export function isMultikey(index: IndexSpec): boolean {
  return index.multikey.some((depths) => depths.length > 0);
}

export function isIdIndex(index: IndexSpec): boolean {
  return index.name === '_id_';
}

export function keyPattern(index: IndexSpec): Document {
  return getField(index.source, 'key') as Document;
}

/** Reads an index description of createIndexes; throws CannotCreateIndex when it is none that this server has. */
export function parseIndexSpec(source: Document, id: number, multikey?: number[][]): IndexSpec {
  const key = getField(source, 'key');
  if (!isDocument(key)) throw required('key');
  if (Object.keys(key).length === 0) throw cannot('Index keys cannot be empty');
  const idle = isIdle(key);
  const fields = Object.entries(key).map(([path, direction]) =>
    idle ? { path, parts: path.split('.'), descending: false } : parseField(path, direction),
  );
  const name = nameOf(source);
  const isId = fields.length === 1 && fields[0]?.path === '_id' && numberOf(key._id) === 1;
  const hashed = Object.values(key).includes('hashed');
  const described = describe(source, key, isId ? '_id_' : name, isId);
  return {
    id,
    name: isId ? '_id_' : name,
    fields,
    hashed,
    idle,
    unique: isId || isTrue(getField(source, 'unique')),
    sparse: isTrue(getField(source, 'sparse')),
    ...parsePartial(source),
    ...parseExpiry(source, fields.length),
    multikey: multikey ?? fields.map(() => []),
    source: idle ? describeIdle(source, key, described) : described,
  };
}

function nameOf(source: Document): string {
  const name = getField(source, 'name');
  if (name === undefined) throw required('name');
  if (typeof name !== 'string') throw new MongoError(Code.TypeMismatch, "The field 'name' must be a string");
  if (name === '') throw cannot('The index name cannot be empty');
  return name;
}

function required(field: string): MongoError {
  return failedToParse(`The '${field}' field is a required property of an index specification`);
}

function parseField(path: string, direction: unknown): IndexSpec['fields'][number] {
  if (direction === 'hashed') return { path, parts: path.split('.'), descending: false };
  const number = numberOf(direction);
  if (number === undefined) throw cannot(`Unknown index plugin or direction '${String(direction)}' for '${path}'`);
  if (number === 0 || Number.isNaN(number)) throw cannot('Values in the index key pattern cannot be 0');
  if (path === '' || path.split('.').includes('')) throw cannot('Index keys cannot contain an empty field');
  return { path, parts: path.split('.'), descending: number < 0 };
}

function parsePartial(source: Document): Pick<IndexSpec, 'partial'> {
  const filter = getField(source, 'partialFilterExpression');
  if (filter === undefined) return {};
  if (!isDocument(filter)) throw cannot("'partialFilterExpression' must be an object");
  return { partial: { filter: compileFilter(filter), source: filter } };
}

function parseExpiry(source: Document, fields: number): Pick<IndexSpec, 'expireAfterSeconds'> {
  const seconds = getField(source, 'expireAfterSeconds');
  if (seconds === undefined) return {};
  const expireAfterSeconds = numberOf(seconds);
  if (expireAfterSeconds === undefined || !(expireAfterSeconds >= 0)) throw cannot("'expireAfterSeconds' must be >= 0");
  if (fields > 1) throw cannot('TTL indexes are single-field indexes, compound indexes do not support TTL');
  return { expireAfterSeconds };
}

function describe(source: Document, key: Document, name: string, isId: boolean): Document {
  const described: Document = { v: 2, key, name };
  if (isId) return described;
  for (const option of ['partialFilterExpression', 'expireAfterSeconds']) {
    const value = getField(source, option);
    if (value !== undefined) described[option] = value;
  }
  for (const option of ['unique', 'hidden']) if (isTrue(getField(source, option))) described[option] = true;
  // Told even when they are false: who compares a schema with what is listed (mongoose) takes a missing one for
  // another. `background` has been without meaning since MongoDB 4.2.
  for (const option of ['sparse', 'background']) {
    const value = getField(source, option);
    if (value !== undefined) described[option] = isTrue(value);
  }
  return described;
}

export function cannot(message: string): MongoError {
  return new MongoError(Code.CannotCreateIndex, message);
}
