import type { Document } from 'bson';

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

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

/** A comparison of a field with a number, said of numbers only. */
function ofNumbers(filter: unknown): unknown {
  if (Array.isArray(filter)) return filter.map(ofNumbers);
  if (!isDocument(filter)) return filter;
  const { $expr, ...rest } = Object.fromEntries(Object.entries(filter).map(([name, part]) => [name, ofNumbers(part)]));
  const [operands] = isDocument($expr) ? Object.values($expr) : [];
  const [path, other]: unknown[] = Array.isArray(operands) ? operands : [];
  if ($expr === undefined) return rest;
  if (typeof path !== 'string' || typeof other !== 'number') return { ...rest, $expr };
  const others: unknown[] = Array.isArray(rest.$and) ? rest.$and : [];
  return { ...rest, $and: [...others, { $expr }, { [path.slice(1)]: { $type: 'number' } }] };
}

/** A filter that says nothing of bits. */
function withoutBits(filter: unknown): unknown {
  if (Array.isArray(filter)) return filter.map(withoutBits);
  if (!isDocument(filter)) return filter;
  const others = Object.entries(filter).filter(([name]) => !name.startsWith('$bits'));
  const parts = others.map(([name, part]): [string, unknown] => [name, withoutBits(part)]);
  return Object.fromEntries(parts.filter(([name, part]) => !isEmpty(part) || isEmpty(filter[name])));
}

const isEmpty = (value: unknown): boolean => isDocument(value) && Object.keys(value).length === 0;

const matching = (pipeline: Document[], meant: (filter: unknown) => unknown): Document[] =>
  pipeline.map((stage) => ('$match' in stage ? { $match: meant(stage.$match) } : stage));

/**
 * A pipeline or a find as one has to say it to MongoDB for what FerretDB may take it to mean. A field that is missing is
 * null to FerretDB in a group's key of several fields and in `$addToSet`; MongoDB leaves it out of both (its own test
 * `groupMissing.js`). An `$expr` that compares with a number is of numbers only to FerretDB where it uses an index for it;
 * MongoDB always compares across types. Where FerretDB looks up an equality in an index, it does not look at the bits of
 * the same field. None for all else. That the embedded database then answers as FerretDB does shows that this is the whole
 * difference.
 */
export function inFerretDbsSense(command: Document): Document[] {
  const { pipeline }: { pipeline?: Document[] } = command;
  if ('find' in command) {
    const numbersOnly = ofNumbers(command.filter);
    return [numbersOnly, withoutBits(numbersOnly)].map((filter) => ({ ...command, filter }));
  }
  if (pipeline === undefined) return [];
  const withNulls = pipeline.map((stage) =>
    isDocument(stage.$group) ? { $group: groupWithNulls(stage.$group) } : stage,
  );
  const numbersOnly = matching(withNulls, ofNumbers);
  const meant = [withNulls, numbersOnly, matching(withNulls, withoutBits), matching(numbersOnly, withoutBits)];
  return meant.map((each) => ({ ...command, pipeline: each }));
}
