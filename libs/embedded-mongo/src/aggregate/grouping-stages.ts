import { evalExpr } from 'mingo/core';
import { Lazy } from 'mingo/lazy';
import { $bucketAuto } from 'mingo/operators/pipeline';
import type { Options } from 'mingo/types';
import { compareValues } from '../bson/compare.js';
import { isDocument, numberOf, promote, setField, type Document } from '../bson/document.js';
import { double } from '../bson/number.js';
import { MongoError } from '../errors.js';
import { densify } from './densify.js';
import { group } from './group.js';
import { partitionsOf } from './partitions.js';
import type { Stage } from './stage.js';
import { fill, windowFields } from './window-fields.js';

/** The boundary that a value belongs to: the last one not above it, unless that is the end. */
function boundaryOf(value: unknown, boundaries: unknown[], rest: unknown): unknown {
  const at = boundaries.findLastIndex((boundary) => compareValues(boundary, value) <= 0);
  if (at >= 0 && at < boundaries.length - 1) return boundaries[at];
  if (rest === undefined) {
    throw new MongoError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
  }
  return rest;
}

const COUNT = { count: { $sum: 1 } };

const resultOf = (_id: unknown, members: Document[], output: unknown, options: Options): Document => {
  const result: Document = { _id };
  const fields = evalExpr(members, output, options) as Document;
  for (const name of Object.keys(fields)) setField(result, name, fields[name]);
  return result;
};

const bucket: Stage = (documents, { groupBy, boundaries, default: rest, output = COUNT }, options) =>
  documents.transform((items: Document[]) => {
    const constants = (boundaries as unknown[]).map((each) => evalExpr({}, each, options));
    const other = rest === undefined ? undefined : evalExpr({}, rest, options);
    const marked = items.map((document) => ({
      document,
      boundary: boundaryOf(evalExpr(document, groupBy, options) ?? null, constants, other),
    }));
    const buckets = partitionsOf(marked, '$boundary', options).map(({ key, documents: members }) =>
      resultOf(
        key,
        members.map(({ document }) => document as Document),
        output,
        options,
      ),
    );
    return Lazy(buckets);
  });

interface Keyed {
  key: unknown;
  document: Document;
}

/** About equally many documents in each, those of one value together. */
function equalBuckets(items: Keyed[], count: number): Keyed[][] {
  const size = Math.max(1, Math.round(items.length / count));
  const buckets: Keyed[][] = [];
  for (let at = 0; at < items.length;) {
    let end = buckets.length + 1 === count ? items.length : Math.min(at + size, items.length);
    while (end < items.length && compareValues(items[end - 1]?.key, items[end]?.key) === 0) end++;
    buckets.push(items.slice(at, end));
    at = end;
  }
  return buckets;
}

const bucketAuto: Stage = (documents, { groupBy, buckets, output = COUNT, granularity }, options) => {
  const count = numberOf(buckets);
  if (groupBy === undefined || count === undefined) {
    throw new MongoError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified");
  }
  if (count <= 0)
    throw new MongoError(40243, `The $bucketAuto 'buckets' field must be greater than 0, but found ${count}`);
  return documents.transform((items: Document[]) => {
    const keyed = items
      .map((document): Keyed => ({ key: evalExpr(document, groupBy, options) ?? null, document }))
      .toSorted((a, b) => compareValues(a.key, b.key));
    const members = (bucketed: Keyed[]) => bucketed.map(({ document }) => document);
    if (granularity !== undefined) return granular(keyed, { buckets: count, granularity }, output, options);
    const found = equalBuckets(keyed, count);
    const results = found.map((each, i) =>
      resultOf({ min: each[0]?.key, max: (found[i + 1]?.[0] ?? each.at(-1))?.key }, members(each), output, options),
    );
    return Lazy(results);
  });
};

type BucketAuto = Parameters<typeof $bucketAuto>[1];

/** Between preferred numbers: mingo's, by keys that are JavaScript's numbers. */
function granular(
  keyed: Keyed[],
  operand: Pick<BucketAuto, 'buckets'> & { granularity: unknown },
  output: unknown,
  options: Options,
) {
  const items = keyed.map(({ key, document }) => ({ key: promote(key), document }));
  const read = { ...operand, groupBy: '$key', output: { members: { $push: '$document' } } } as BucketAuto;
  return $bucketAuto(Lazy(items), read, options).map(({ _id, members }: Document) => {
    const bounds = isDocument(_id) ? Object.entries(_id) : [];
    const id = Object.fromEntries(
      bounds.map(([name, value]) => [name, typeof value === 'number' ? double(value) : value]),
    );
    return resultOf(id, members as Document[], output, options);
  });
}

/** Stages that look at several documents at once. */
export const GROUPING_STAGES: Record<string, Stage> = {
  $group: group,
  $bucket: bucket,
  $bucketAuto: bucketAuto,
  $setWindowFields: windowFields,
  $fill: fill,
  $densify: densify,
};
