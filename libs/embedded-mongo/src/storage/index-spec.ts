import { getField, isDocument, isTrue, numberOf, type Document } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';
import { compileFilter, type Filter } from '../match/filter.js';

/** An index as the catalog holds it; `multikey[i]` are the depths at which field i runs through arrays. */
export interface IndexSpec {
  id: number;
  name: string;
  fields: { path: string; parts: string[]; descending: boolean }[];
  unique: boolean;
  sparse: boolean;
  partial?: { filter: Filter; source: Document };
  expireAfterSeconds?: number;
  multikey: number[][];
  /** As it was asked for, in the shape that listIndexes returns. */
  source: Document;
}

const KNOWN_OPTIONS = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'hidden',
  'ns',
  'collation',
  'dropDups',
]);

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
  if (!isDocument(key) || Object.keys(key).length === 0) throw cannot('Index keys cannot be empty');
  const unknown = Object.keys(source).find((option) => !KNOWN_OPTIONS.has(option));
  if (unknown !== undefined) throw cannot(`The field '${unknown}' is not valid for an index specification`);
  const fields = Object.entries(key).map(([path, direction]) => parseField(path, direction));
  const name =
    getField(source, 'name') ?? fields.map(({ path, descending }) => `${path}_${descending ? -1 : 1}`).join('_');
  if (typeof name !== 'string' || name === '') throw cannot('The index name must be a non-empty string');
  const isId = fields.length === 1 && fields[0]?.path === '_id';
  const { collation } = source;
  if (isDocument(collation) && collation.locale !== 'simple') throw cannot('Collations are not supported');
  return {
    id,
    name: isId ? '_id_' : name,
    fields,
    unique: isId || isTrue(getField(source, 'unique')),
    sparse: isTrue(getField(source, 'sparse')),
    ...parsePartial(source),
    ...parseExpiry(source, fields.length),
    multikey: multikey ?? fields.map(() => []),
    source: describe(source, key, isId ? '_id_' : name, isId),
  };
}

function parseField(path: string, direction: unknown): IndexSpec['fields'][number] {
  const number = numberOf(direction);
  if (number === undefined) throw cannot(`Unknown index plugin or direction '${String(direction)}' for '${path}'`);
  if (number === 0 || Number.isNaN(number)) throw cannot('Values in the index key pattern cannot be 0');
  if (path === '' || path.split('.').includes('')) throw cannot('Index keys cannot contain an empty field');
  if (path.includes('$**')) throw cannot('Wildcard indexes are not supported');
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
  for (const option of ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds', 'hidden']) {
    const value = getField(source, option);
    if (value !== undefined && value !== false && !isId) described[option] = value;
  }
  return described;
}

function cannot(message: string): MongoError {
  return new MongoError(Code.CannotCreateIndex, message);
}
