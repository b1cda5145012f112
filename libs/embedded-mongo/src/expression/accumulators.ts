import { $push } from 'mingo/operators/accumulator';
import type { AnyObject, Options } from 'mingo/types';
import { isNumeric } from '../bson/number.js';
import { encodeKey } from '../bson/key.js';
import { average, extreme, sumOf } from './arithmetic.js';

type Accumulator = (documents: AnyObject[], expression: unknown, options: Options) => unknown;

/** mingo evaluates for each document; as a field, so that missing and null stay apart. */
function accumulator(result: (values: unknown[]) => unknown): Accumulator {
  return (documents, expression, options) =>
    result($push(documents, { value: expression }, options).map((item) => (item as { value?: unknown }).value));
}

/** mingo's count by JavaScript's order and equality; these follow BSON. */
export const ownAccumulators = {
  $sum: accumulator((values) => values.filter(isNumeric).reduce(sumOf, 0)),
  $avg: accumulator((values) => average(values.filter(isNumeric))),
  $min: accumulator((values) => extreme(values, -1)),
  $max: accumulator((values) => extreme(values, 1)),
  $first: accumulator((values) => values[0] ?? null),
  $last: accumulator((values) => values.at(-1) ?? null),
  $push: accumulator((values) => values.filter((value) => value !== undefined)),
  $addToSet: accumulator((values) => {
    const present = values.filter((value) => value !== undefined);
    return [...new Map(present.map((value) => [encodeKey(value).toString('latin1'), value])).values()];
  }),
};
