import type { Document } from 'bson';

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('_bsontype' in value);

const orNull = (expression: unknown): Document => ({ $ifNull: [expression, null] });

/** A key of several fields, each of them null where it is missing. */
function keyWithNulls(key: unknown): unknown {
  if (!isDocument(key) || Object.keys(key).some((name) => name.startsWith('$'))) return orNull(key);
  return Object.fromEntries(Object.entries(key).map(([name, part]) => [name, keyWithNulls(part)]));
}

function accumulatorWithNull(accumulator: unknown): unknown {
  if (!isDocument(accumulator) || !('$addToSet' in accumulator)) return accumulator;
  return { $addToSet: orNull(accumulator.$addToSet) };
}

function groupWithNulls({ _id, ...fields }: Document): Document {
  const accumulators = Object.entries(fields).map(([name, accumulator]) => [name, accumulatorWithNull(accumulator)]);
  return { _id: keyWithNulls(_id), ...Object.fromEntries(accumulators) };
}

/**
 * A pipeline as one has to say it to MongoDB for what FerretDB takes it to mean: a field that is missing is null to
 * FerretDB in a group's key of several fields and in `$addToSet`; MongoDB leaves it out of both (its own test
 * `groupMissing.js`). Undefined where both mean the same. That the embedded database then answers as FerretDB does shows
 * that this is the whole difference.
 */
export function inFerretDbsSense(command: Document): Document | undefined {
  const { pipeline }: { pipeline?: Document[] } = command;
  if (!pipeline?.some((stage) => '$group' in stage)) return undefined;
  return {
    ...command,
    pipeline: pipeline.map((stage) => (isDocument(stage.$group) ? { $group: groupWithNulls(stage.$group) } : stage)),
  };
}
