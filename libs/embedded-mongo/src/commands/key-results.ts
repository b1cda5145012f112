import { Long } from 'bson';
import { encode, type Document } from '../bson/document.js';
import { decodeStored } from '../bson/stored.js';
import { valueAt } from '../match/path.js';
import type { Hit } from '../query/execute.js';
import type { Access } from '../query/plan.js';
import { isMultikey } from '../storage/index-spec.js';
import { notImplemented } from '../errors.js';

/** For `returnKey`: what the index that was read holds of a document; nothing when none was read. */
export function keysOnly(access: Access): (hit: Hit) => Buffer {
  if (access.kind === 'or' || (access.kind === 'index' && isMultikey(access.index))) {
    throw notImplemented('returnKey of several keys of one document');
  }
  const fields = access.kind === 'index' ? access.index.fields : access.kind === 'id' ? ID : [];
  return ({ document }) => encode(Object.fromEntries(fields.map(({ path, parts }) => [path, keyAt(document, parts)])));
}

const ID = [{ path: '_id', parts: ['_id'] }];

const keyAt = (document: Document, parts: string[]): unknown => valueAt(document, parts) ?? null;

/** For `showRecordId`: the number that tells records in their order of insertion. */
export function withRecordNumber(record: number, bytes: Buffer): Buffer {
  return encode({ ...decodeStored(bytes), $recordId: Long.fromNumber(record) });
}
