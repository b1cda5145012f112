import { evalExpr } from 'mingo/core';
import { concat, Lazy } from 'mingo/lazy';
import { $bucketAuto, $fill, $setWindowFields } from 'mingo/operators/pipeline';
import type { Options } from 'mingo/types';
import { compareValues } from '../bson/compare.js';
import { isDocument, numberOf, type Document } from '../bson/document.js';
import { encodeKey } from '../bson/key.js';
import { failedToParse, MongoError } from '../errors.js';
import { expressionOptions } from '../expression/evaluate.js';
import { densify } from './densify.js';
import { group } from './group.js';
import { variablesOf, type Stage } from './stage.js';

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

/** The boundary that a value belongs to: the last one not above it, unless that is the end. */
function boundaryOf(value: unknown, boundaries: unknown[], rest: unknown): unknown {
  const at = boundaries.findLastIndex((boundary) => compareValues(boundary, value) <= 0);
  if (at >= 0 && at < boundaries.length - 1) return boundaries[at];
  if (rest === undefined) {
    throw new MongoError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
  }
  return rest;
}

const bucket: Stage = (documents, { groupBy, boundaries, default: rest, output = { count: { $sum: 1 } } }, options) =>
  documents.transform((items: Document[]) => {
    const marked = items.map((document) => ({
      document,
      boundary: boundaryOf(evalExpr(document, groupBy, options) ?? null, boundaries as unknown[], rest),
    }));
    const buckets = partitionsOf(marked, '$boundary', options).map(({ key, documents: members }) => ({
      _id: key,
      ...(evalExpr(
        members.map(({ document }) => document),
        output,
        options,
      ) as Document),
    }));
    return Lazy(buckets);
  });

type WindowFields = Parameters<typeof $setWindowFields>[1];
type BucketAuto = Parameters<typeof $bucketAuto>[1];

const isWindowFields = (operand: unknown): operand is WindowFields => isDocument(operand) && isDocument(operand.output);
const isBucketAuto = (operand: unknown): operand is BucketAuto =>
  isDocument(operand) && 'groupBy' in operand && numberOf(operand.buckets) !== undefined;

/** mingo runs its own steps as `$function`, which no client can define here. */
const scripted = (options: Options): Options => ({
  ...expressionOptions(options.context, variablesOf(options)),
  scriptEnabled: true,
});

/** mingo's, on one partition after the other. */
const windowFields: Stage = (documents, { partitionBy, ...operand }, options) => {
  if (!isWindowFields(operand)) throw failedToParse("$setWindowFields: 'output' must be an object");
  return documents.transform((items: Document[]) => {
    const partitions = partitionsOf(items, partitionBy ?? null, options);
    return concat(
      ...partitions.map(({ documents: members }) => $setWindowFields(Lazy(members), operand, scripted(options))),
    );
  });
};

type Fill = Parameters<typeof $fill>[1];

const isFill = (operand: unknown): operand is Fill => isDocument(operand) && isDocument(operand.output);

const fill: Stage = (documents, operand, options) => {
  if (!isFill(operand)) throw new MongoError(40414, "BSON field '$fill.output' is missing but a required field");
  return $fill(documents, operand, scripted(options));
};

const bucketAuto: Stage = (documents, operand, options) => {
  if (!isBucketAuto(operand))
    throw new MongoError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified");
  return $bucketAuto(documents, operand, options).map(({ _id, ...rest }: Document) => ({ _id, ...rest }));
};

/** Stages that look at several documents at once. */
export const GROUPING_STAGES: Record<string, Stage> = {
  $group: group,
  $bucket: bucket,
  $bucketAuto: bucketAuto,
  $setWindowFields: windowFields,
  $fill: fill,
  $densify: densify,
};
