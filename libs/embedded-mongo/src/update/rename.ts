import { isDocument, getField, type Document } from '../bson/document.js';
import { badValue, Code, MongoError } from '../errors.js';
import { EJSON } from 'bson';
import { emptyName } from './path.js';

/** Throws BadValue when `$rename` is asked for what it never does. */
export function checkRename(path: string, target: unknown): void {
  if (typeof target !== 'string') {
    throw badValue(`The 'to' field for $rename must be a string: ${path}: ${EJSON.stringify(target)}`);
  }
  if (target.split('.').includes('')) throw emptyName(target);
  if (target.split('.')[0] === '_id')
    throw new MongoError(
      Code.ImmutableField,
      `Performing an update on the path '${target}' would modify the immutable field '_id'`,
    );
  if (target === path) throw badValue(`The source and target field for $rename must differ: ${path}: "${target}"`);
  for (const [role, name] of [
    ['source', path],
    ['destination', target],
  ]) {
    if (name?.split('.').some((part) => part.startsWith('$'))) {
      throw badValue(`The ${role} field for $rename may not be dynamic: ${name}`);
    }
  }
}

/** Neither end of a `$rename` may lie below an array of the document. */
export function refuseArrays(document: Document, path: string, role: 'source' | 'destination'): void {
  const parts = path.split('.');
  let value: unknown = document;
  for (const [i, part] of parts.entries()) {
    if (Array.isArray(value)) {
      const array = parts[i - 1] ?? '';
      throw badValue(
        `The ${role} field cannot be an array element, '${path}' in doc with _id: ` +
          `${EJSON.stringify(document._id)} has an array field called '${array}'`,
      );
    }
    value = isDocument(value) ? getField(value, part) : undefined;
  }
}
