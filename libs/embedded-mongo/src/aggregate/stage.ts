import type { Iterator } from 'mingo/lazy';
import type { AnyObject, Options } from 'mingo/types';
import type { Document } from '../bson/document.js';

/** A stage as mingo calls it. */
export type Stage = (documents: Iterator, operand: AnyObject, options: Options) => Iterator;

const NONE: Document = {};

export function variablesOf(options: Options): Document {
  return options.variables ?? NONE;
}

/** Undefined stands where others should have their turn, before stages that know it. */
export function* iterate(documents: Iterator): Generator<Document | undefined> {
  for (let next = documents.next(); !next.done; next = documents.next()) yield next.value as Document | undefined;
}
