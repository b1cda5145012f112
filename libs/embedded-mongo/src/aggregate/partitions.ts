import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { compareValues } from '../bson/compare.js';
import type { Document } from '../bson/document.js';
import { encodeKey } from '../bson/key.js';

export interface Partition {
  key: unknown;
  documents: Document[];
}

/** Documents by the value of an expression, in the order of the values. */
export function partitionsOf(documents: Document[], expression: unknown, options: Options): Partition[] {
  const found = new Map<string, Partition>();
  for (const document of documents) {
    const key: unknown = evalExpr(document, expression, options) ?? null;
    const text = encodeKey(key).toString('latin1');
    const partition = found.get(text);
    if (partition) partition.documents.push(document);
    else found.set(text, { key, documents: [document] });
  }
  return [...found.values()].toSorted((a, b) => compareValues(a.key, b.key));
}
