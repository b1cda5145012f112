import { evalExpr } from 'mingo/core';
import { Lazy } from 'mingo/lazy';
import { $redact } from 'mingo/operators/pipeline';
import { EJSON } from 'bson';
import { getField, isDocument, numberOf, type Document } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { nameOf } from '../expression/operator.js';
import { compileFilter } from '../match/filter.js';
import { documentOrder, parseSort } from '../match/sort.js';
import { compileProjection } from '../projection/projection.js';
import { flatten, withComputed, withPath } from '../projection/set-path.js';
import { GROUPING_STAGES } from './grouping-stages.js';
import { iterate, variablesOf, type Stage } from './stage.js';

const addFields: Stage = (documents, operand, options) => {
  const fields = flatten(operand).map(([path, expression]) => ({ parts: path.split('.'), expression }));
  return documents.map((document: Document) =>
    fields.reduce<unknown>(
      (result, { parts, expression }) => withComputed(result, parts, evalExpr(document, expression, options)),
      document,
    ),
  );
};

/** The expression's document in place of the one that came. */
function newRoot(expression: unknown): (...args: Parameters<Stage>) => ReturnType<Stage> {
  return (documents, _operand, options) =>
    documents.map((document: Document) => {
      const value: unknown = evalExpr(document, expression, options);
      if (isDocument(value)) return value;
      throw new MongoError(
        40228,
        "'newRoot' expression must evaluate to an object, but resulting value was: " +
          `${value === undefined ? 'MISSING' : EJSON.stringify(value)}. Type of resulting value: '${nameOf(value)}'.`,
      );
    });
}

/** So many of the items, each once, in any order. */
function drawn(items: Document[], size: number): Document[] {
  const shuffled = items.map((item) => ({ item, place: Math.random() })).toSorted((a, b) => a.place - b.place);
  return shuffled.slice(0, size).map(({ item }) => item);
}

/** A path that runs through an array finds nothing to unwind. */
function embedded(document: unknown, parts: readonly string[]): unknown {
  return parts.reduce<unknown>((value, part) => (isDocument(value) ? getField(value, part) : undefined), document);
}

const unwind: Stage = (documents, operand: unknown) => {
  const options: Document = isDocument(operand) ? operand : { path: operand };
  const { path, preserveNullAndEmptyArrays: preserve, includeArrayIndex: index } = options;
  const parts = String(path).slice(1).split('.');
  const indexed = (document: Document, position: number | null): Document =>
    typeof index === 'string' ? (withPath(document, index.split('.'), position) as Document) : document;
  const set = (document: Document, value: unknown) => withPath(document, parts, value) as Document;
  function* elements(document: Document): Generator<Document> {
    const value = embedded(document, parts);
    if (Array.isArray(value) && value.length > 0) {
      for (const [i, item] of value.entries()) yield indexed(set(document, item), i);
    } else if (Array.isArray(value)) {
      if (preserve === true) yield indexed(set(document, undefined), null);
    } else if (preserve === true || (value !== null && value !== undefined)) {
      yield indexed(document, null);
    }
  }
  return Lazy(
    (function* () {
      for (const document of iterate(documents)) yield* elements(document);
    })(),
  );
};

/** Stages where mingo's matching, order, nesting or errors are not MongoDB's. */
export const OWN_STAGES: Record<string, Stage> = {
  ...GROUPING_STAGES,
  $match: (documents, operand, options) => {
    const filter = compileFilter(operand, variablesOf(options));
    return documents.filter((document: Document) => filter.matches(document));
  },
  $sort: (documents, operand) => {
    const order = documentOrder(parseSort(operand));
    return documents.transform((items: Document[]) => Lazy([...items].toSorted(order)));
  },
  $addFields: addFields,
  $set: addFields,
  $project: (documents, operand, options) => documents.map(compileProjection(operand, variablesOf(options))),
  $unset: (documents, operand: unknown) => {
    const names: unknown[] = Array.isArray(operand) ? operand : [operand];
    return documents.map(compileProjection(Object.fromEntries(names.map((name) => [String(name), 0]))));
  },
  $unwind: unwind,
  // What is pruned is gone, not empty; and nothing is drawn twice.
  $redact: (documents, operand, options) => $redact(documents, operand, options).filter(isDocument),
  $sample: (documents, operand) =>
    documents.transform((items: Document[]) => Lazy(drawn(items, numberOf(operand.size) ?? 0))),
  $replaceRoot: (documents, operand, options) => newRoot(operand.newRoot)(documents, operand, options),
  $replaceWith: (documents, operand, options) => newRoot(operand)(documents, operand, options),
};
