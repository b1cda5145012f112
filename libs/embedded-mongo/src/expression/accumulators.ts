import { $bottomN, $push, $topN } from 'mingo/operators/accumulator';
import type { AnyObject, Options } from 'mingo/types';
import { getField, isDocument } from '../bson/document.js';
import { isNumeric } from '../bson/number.js';
import { encodeKey } from '../bson/key.js';
import { average, extreme, sumOf } from './arithmetic.js';
import { merge } from './arrays.js';

type Accumulator = (documents: AnyObject[], expression: unknown, options: Options) => unknown;

/** The value of an expression for each document; undefined where it is missing. */
export function valuesFor(documents: AnyObject[], expression: unknown, options: Options): unknown[] {
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

function accumulator(result: (values: unknown[]) => unknown): Accumulator {
  return (documents, expression, options) => result(valuesFor(documents, expression, options));
}

/** `$top`, `$bottom`: what `$topN` finds first, by itself. */
function only(many: typeof $topN): Accumulator {
  return (documents, operand, options) => {
    const { sortBy, output } = operand as Parameters<typeof $topN>[1];
    return many(documents, { n: 1, sortBy, output }, options)[0] ?? null;
  };
}

/** mingo's count by JavaScript's order and equality; these follow BSON. */
export const ownAccumulators = {
  $sum: accumulator((values) => values.filter(isNumeric).reduce(sumOf, 0)),
  $avg: accumulator((values) => average(values.filter(isNumeric))),
  $min: accumulator((values) => extreme(values, -1)),
  $max: accumulator((values) => extreme(values, 1)),
  $first: accumulator((values) => values[0] ?? null),
  $last: accumulator((values) => values.at(-1) ?? null),
  $top: only($topN),
  $bottom: only($bottomN),
  $mergeObjects: accumulator(merge),
  $push: accumulator((values) => values.filter((value) => value !== undefined)),
  $addToSet: accumulator((values) => {
    const present = values.filter((value) => value !== undefined);
    return [...new Map(present.map((value) => [encodeKey(value).toString('latin1'), value])).values()];
  }),
};
