import { EJSON } from 'bson';
import type { Document } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';
import { valueAt } from '../match/path.js';
import { keyPattern, type IndexSpec } from './index-spec.js';

/** Error 11000 as drivers and mongoose read it: index, keyPattern and keyValue. */
export function duplicateKey(namespace: string, index: IndexSpec, document: Document): MongoError {
  const keyValue: Document = {};
  for (const { path, parts } of index.fields) keyValue[path] = valueAt(document, parts) ?? null;
  const shown = Object.entries(keyValue).map(([path, value]) => `${path}: ${EJSON.stringify(value)}`);
  const message = `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: { ${shown.join(', ')} }`;
  return new MongoError(Code.DuplicateKey, message, { keyPattern: keyPattern(index), keyValue });
}
