import { Long } from 'bson';
import { Lazy } from 'mingo/lazy';
import { $redact } from 'mingo/operators/pipeline';
import { getField, isDocument, numberOf, type Document } from '../bson/document.js';
import { compileFilter } from '../match/filter.js';
import { documentOrder, parseSort } from '../match/sort.js';
import { withPath } from '../projection/set-path.js';
import { DOCUMENT_STAGES } from './document-stages.js';
import { GROUP_ELEMENTS, groupElements } from './element-groups.js';
import { group } from './group.js';
import { GROUPING_STAGES } from './grouping-stages.js';
import { iterate, variablesOf, type Stage } from './stage.js';

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
  const indexed = (document: Document, position: Long | null): Document =>
    typeof index === 'string' ? (withPath(document, index.split('.'), position) as Document) : document;
  const set = (document: Document, value: unknown) => withPath(document, parts, value) as Document;
  function* elements(document: Document): Generator<Document> {
    const value = embedded(document, parts);
    if (Array.isArray(value) && value.length > 0) {
      for (const [i, item] of value.entries()) yield indexed(set(document, item), Long.fromNumber(i));
    } else if (Array.isArray(value)) {
      if (preserve === true) yield indexed(set(document, undefined), null);
    } else if (preserve === true || (value !== null && value !== undefined)) {
      yield indexed(document, null);
    }
  }
  return Lazy(
    (function* () {
      for (const document of iterate(documents)) {
        if (document) yield* elements(document);
        else yield undefined;
      }
    })(),
  );
};

const documentStages = Object.fromEntries(
  Object.entries(DOCUMENT_STAGES).map(([name, compile]): [string, Stage] => [
    name,
    (documents, operand: unknown, options) => {
      const change = compile(operand, options);
      return documents.map((document: Document | undefined) => document && change(document));
    },
  ]),
);

const sort: Stage = (documents, operand) => {
  const order = documentOrder(parseSort(operand));
  function* sorted(): Generator<Document | undefined> {
    const items: Document[] = [];
    for (const document of iterate(documents)) {
      if (document) items.push(document);
      else yield undefined;
    }
    yield* items.toSorted(order);
  }
  return Lazy(sorted());
};

const skip: Stage = (documents, operand: unknown) => documents.drop(numberOf(operand) ?? 0);

/** As groups that are counted, the largest first. */
const sortByCount: Stage = (documents, operand: unknown, options) =>
  sort(group(documents, { _id: operand, count: { $sum: 1 } }, options), { count: -1 }, options);

/** Unlike mingo's, asks for no more than it gives. */
const limit: Stage = (documents, operand: unknown) => {
  function* first(): Generator<Document | undefined> {
    let left = numberOf(operand) ?? 0;
    if (left <= 0) return;
    for (const document of iterate(documents)) {
      yield document;
      if (document && --left === 0) return;
    }
  }
  return Lazy(first());
};

/** Stages that hand on the undefined that stands where others should have their turn. */
export const GIVING_WAY: ReadonlySet<string> = new Set([
  '$match',
  '$sort',
  '$limit',
  '$unwind',
  '$group',
  GROUP_ELEMENTS,
  ...Object.keys(DOCUMENT_STAGES),
]);

/** Stages where mingo's matching, order, nesting or errors are not MongoDB's. */
export const OWN_STAGES: Record<string, Stage> = {
  ...GROUPING_STAGES,
  $match: (documents, operand, options) => {
    const filter = compileFilter(operand, variablesOf(options));
    return documents.filter((document: Document | undefined) => !document || filter.matches(document));
  },
  $sort: sort,
  $sortByCount: sortByCount,
  $limit: limit,
  $skip: skip,
  ...documentStages,
  $unwind: unwind,
  [GROUP_ELEMENTS]: groupElements,
  // What is pruned is gone, not empty; and nothing is drawn twice.
  $redact: (documents, operand, options) => $redact(documents, operand, options).filter(isDocument),
  $sample: (documents, operand) =>
    documents.transform((items: Document[]) => Lazy(drawn(items, numberOf(operand.size) ?? 0))),
};
