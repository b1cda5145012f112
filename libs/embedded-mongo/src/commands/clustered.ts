import { isDocument, isTrue, numberOf, type Document } from '../bson/document.js';
import { badValue, Code, MongoError } from '../errors.js';
import { samePattern } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import { isIdIndex, type IndexSpec } from '../storage/index-spec.js';

/**
 * The option `clusteredIndex` of create as it is kept. It says how documents lie on disk, which is no different here:
 * the collection is listed as it was asked for, and the index of the ids serves it as any other.
 */
export function clusteredIndex(asked: Document): Document {
  const { key, unique, name = '_id_', v = 2 } = asked;
  if (!isDocument(key) || !samePattern({ _id: 1 }, key)) {
    throw new MongoError(Code.InvalidIndexSpecificationOption, 'The clusteredIndex option must have the key {_id: 1}');
  }
  if (!isTrue(unique)) throw badValue("The clusteredIndex option requires 'unique: true' to be specified");
  if (typeof name !== 'string' || name === '') throw badValue('The name of a clustered index must be a string');
  if (numberOf(v) !== 2) throw badValue('A clustered index must have the version 2');
  return { v: 2, key: { _id: 1 }, name, unique: true };
}

/** An index as listIndexes shows it. */
export function listed({ options }: Collection, index: IndexSpec): Document {
  if (!isIdIndex(index) || !isDocument(options.clusteredIndex)) return index.source;
  return { ...options.clusteredIndex, clustered: true };
}
