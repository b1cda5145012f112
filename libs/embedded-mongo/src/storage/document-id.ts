import { ObjectId } from 'bson';
import { bsonType, isDocument, type Document } from '../bson/document.js';
import { badValue, Code, MongoError } from '../errors.js';
import { typeName } from '../match/type-names.js';

/** `_id` comes first in every stored document. */
export function withId(document: Document): Document {
  if (!Object.hasOwn(document, '_id')) return { _id: new ObjectId(), ...document };
  const { _id } = document;
  checkId(_id);
  return Object.keys(document)[0] === '_id' ? document : { _id, ...document };
}

const ID = Buffer.from('_id\0');
/** Behind the document's length and the value's type. */
const FIRST_NAME = 5;

export function beginsWithId(bytes: Buffer): boolean {
  return bytes.length > FIRST_NAME + ID.length && ID.compare(bytes, FIRST_NAME, FIRST_NAME + ID.length) === 0;
}

/** Throws what MongoDB does for an `_id` that none may have. */
export function checkId(id: unknown): void {
  const type = typeName(id);
  if (['array', 'regex', 'undefined'].includes(type)) throw badValue(`The '_id' value cannot be of type ${type}`);
  const operator = isDocument(id) && Object.keys(id).find((name) => name.startsWith('$'));
  if (operator && bsonType(id) === undefined) {
    throw new MongoError(
      Code.DollarPrefixedFieldName,
      `_id fields may not contain '$'-prefixed fields: ${operator} is not valid for storage.`,
    );
  }
}
