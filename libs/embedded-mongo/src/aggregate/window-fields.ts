import { concat, Lazy } from 'mingo/lazy';
import { $fill, $setWindowFields } from 'mingo/operators/pipeline';
import * as windows from 'mingo/operators/window';
import type { Options } from 'mingo/types';
import { getField, isDocument, promote, promoteDocument, setField, type Document } from '../bson/document.js';
import { double } from '../bson/number.js';
import { failedToParse, MongoError } from '../errors.js';
import { expressionOptions } from '../expression/evaluate.js';
import { documentOrder, parseSort } from '../match/sort.js';
import { partitionsOf } from './partitions.js';
import { variablesOf, type Stage } from './stage.js';

type WindowFields = Parameters<typeof $setWindowFields>[1];
type Fill = Parameters<typeof $fill>[1];

const isWindowFields = (operand: unknown): operand is WindowFields => isDocument(operand) && isDocument(operand.output);
const isFill = (operand: unknown): operand is Fill => isDocument(operand) && isDocument(operand.output);

/** mingo runs its own steps as `$function`, which no client can define here. */
const scripted = (options: Options): Options => ({
  ...expressionOptions(options.context, variablesOf(options)),
  scriptEnabled: true,
});

/** Of what mingo was given a copy of; it copies symbols with the fields. */
const ORIGIN = Symbol('origin');

/** mingo sorts, and computes with, JavaScript numbers only. */
function withNumbers(document: Document, fields: readonly string[] | undefined): Document {
  const result: Document = fields ? { ...document } : promoteDocument(document);
  for (const name of fields ?? []) if (name in document) setField(result, name, promote(document[name]));
  return Object.assign(result, { [ORIGIN]: document });
}

/** What was there before as it was, and the fields that are new. */
function restored(result: Document & { [ORIGIN]?: Document }, output: Document): Document {
  const { [ORIGIN]: origin, ...fields } = result;
  if (!origin) return fields;
  const made = new Set(Object.keys(output).map((path) => path.split('.')[0] ?? ''));
  const document: Document = {};
  for (const name of Object.keys(fields)) {
    const kept = Object.hasOwn(origin, name) && !made.has(name);
    setField(document, name, kept ? getField(origin, name) : fields[name]);
  }
  return document;
}

const operatorOf = (specification: unknown): string =>
  isDocument(specification) ? (Object.keys(specification).find((name) => name.startsWith('$')) ?? '') : '';

/** Operators that hand on the values that they find, or count; all others of mingo's compute. */
const HANDS_ON = new Set(['$shift', '$rank', '$denseRank', '$documentNumber', '$locf']);
const COUNTS = new Set(['$rank', '$denseRank', '$documentNumber']);

const computes = (specification: unknown): boolean => {
  const name = operatorOf(specification);
  return Object.hasOwn(windows, name) && !HANDS_ON.has(name);
};

/** What mingo computed with is a double. */
function withDoubles(document: Document, output: Document): Document {
  for (const [path, specification] of Object.entries(output)) {
    const value = getField(document, path);
    if (typeof value === 'number' && computes(specification) && !COUNTS.has(operatorOf(specification))) {
      setField(document, path, double(value));
    }
  }
  return document;
}

/** The bounds of windows, and what mingo's own operators are given, with JavaScript numbers. */
function withNumericBounds(output: Document): Document {
  const read = Object.entries(output).map(([path, specification]): [string, unknown] => {
    if (!isDocument(specification)) return [path, specification];
    if (computes(specification) || HANDS_ON.has(operatorOf(specification))) return [path, promote(specification)];
    return [path, { ...specification, ...('window' in specification && { window: promote(specification.window) }) }];
  });
  return Object.fromEntries(read);
}

/** mingo's, on one partition after the other, each in MongoDB's order. */
export const windowFields: Stage = (documents, { partitionBy, ...operand }, options) => {
  if (!isWindowFields(operand)) throw failedToParse("$setWindowFields: 'output' must be an object");
  const { output, sortBy } = operand;
  const order = isDocument(sortBy) ? documentOrder(parseSort(sortBy)) : () => 0;
  const everything = Object.values(output).some(computes);
  const numeric = everything ? undefined : Object.keys(sortBy ?? {}).map((path) => path.split('.')[0] ?? '');
  const read = { ...operand, ...(sortBy && { sortBy }), output: withNumericBounds(output) } as WindowFields;
  return documents.transform((items: Document[]) => {
    const partitions = partitionsOf(items, partitionBy ?? null, options);
    return concat(
      ...partitions.map(({ documents: members }) =>
        $setWindowFields(
          Lazy(members.toSorted(order).map((member) => withNumbers(member, numeric))),
          read,
          scripted(options),
        ).map((result: Document) => withDoubles(restored(result, output), output)),
      ),
    );
  });
};

export const fill: Stage = (documents, operand, options) => {
  if (!isFill(operand)) throw new MongoError(40414, "BSON field '$fill.output' is missing but a required field");
  const { output } = operand;
  const results = $fill(
    documents.map((document: Document) => withNumbers(document, undefined)),
    operand,
    scripted(options),
  );
  return results.map((result: Document) => filled(result, output));
};

/** What was there stays as it was; a value in between is a double. */
function filled(result: Document & { [ORIGIN]?: Document }, output: Document): Document {
  const { [ORIGIN]: origin = {} } = result;
  const document = restored(result, output);
  for (const [name, specification] of Object.entries(output)) {
    const [before, after] = [getField(origin, name), getField(document, name)];
    if (before !== undefined && before !== null) setField(document, name, before);
    else if (typeof after === 'number' && isDocument(specification) && specification.method === 'linear') {
      setField(document, name, double(after));
    }
  }
  return document;
}
