import { $push } from 'mingo/operators/accumulator';
import type { AnyObject, Options } from 'mingo/types';
import { getField, isDocument } from '../bson/document.js';
import { ACCUMULATIONS, type Accumulation } from './accumulations.js';
import { selectionAccumulators, type Accumulator } from './selections.js';

/** The value of an expression for each document; undefined where it is missing. */
function valuesFor(documents: AnyObject[], expression: unknown, options: Options): unknown[] {
  const parts = fieldParts(expression);
  if (parts && documents.every((document) => isPlainPath(document, parts))) {
    return documents.map((document) => fieldAt(document, parts));
  }
  // mingo evaluates; as a field, so that missing and null stay apart.
  return $push(documents, { value: expression }, options).map((item) => (item as { value?: unknown }).value);
}

/** `$a.b` as its parts; undefined for everything else. */
function fieldParts(expression: unknown): string[] | undefined {
  if (typeof expression !== 'string' || !/^\$[^$]/.test(expression)) return undefined;
  return expression.slice(1).split('.');
}

/** What runs through arrays is mingo's. */
function isPlainPath(document: AnyObject, parts: string[]): boolean {
  return parts.every((_, depth) => depth === 0 || !Array.isArray(fieldAt(document, parts.slice(0, depth))));
}

function fieldAt(document: unknown, parts: string[]): unknown {
  return parts.reduce<unknown>((value, part) => (isDocument(value) ? getField(value, part) : undefined), document);
}

/** mingo's count by JavaScript's order and equality; these follow BSON. */
export const ownAccumulators: Record<string, Accumulator> = {
  ...selectionAccumulators(valuesFor),
  ...Object.fromEntries(
    Object.entries(ACCUMULATIONS).map(([name, start]): [string, Accumulator] => [
      name,
      (documents, expression, options) => {
        const accumulation: Accumulation = start();
        for (const value of valuesFor(documents, expression, options)) accumulation.add(value);
        return accumulation.result();
      },
    ]),
  ),
};
