import { evalExpr } from 'mingo/core';
import type { AnyObject, Options } from 'mingo/types';
import { compareValues, equalValues } from '../bson/compare.js';
import { getField, isDocument, type Document } from '../bson/document.js';
import { double, isNumeric } from '../bson/number.js';
import { MongoError } from '../errors.js';
import { documentOrder, elementOrder, parseSort } from '../match/sort.js';
import { real } from './numeric.js';
import { deviationOf } from './accumulations.js';
import { spread } from './arithmetic.js';
import { isNullish, nameOf, namedOperator, operator, type Operator } from './operator.js';

type Pick = (values: unknown[], n: number) => unknown[];

const present = (values: unknown[]): unknown[] => values.filter((value) => !isNullish(value));

/** `$firstN` and its like: some of many values. */
export const PICKS: Record<string, Pick> = {
  $firstN: (values, n) => values.slice(0, n),
  $lastN: (values, n) => values.slice(-n),
  $minN: (values, n) => present(values).toSorted(compareValues).slice(0, n),
  $maxN: (values, n) =>
    present(values)
      .toSorted((a, b) => compareValues(b, a))
      .slice(0, n),
};

export function countOf(name: string, n: unknown): number {
  const number = isNumeric(n) ? real(n) : NaN;
  if (!Number.isInteger(number)) {
    throw new MongoError(5787902, `Value for 'n' of ${name} must be of integral type, but found ${nameOf(n)}`);
  }
  if (number <= 0) throw new MongoError(5787908, `'n' of ${name} must be greater than 0, found ${number}`);
  return number;
}

/** The lowest value that so large a part of the numbers is not above: doubles, null where there are none. */
export function percentiles(values: unknown[], parts: readonly number[]): unknown[] {
  const numbers = values
    .filter(isNumeric)
    .map(real)
    .toSorted((a, b) => a - b);
  return parts.map((part) => {
    if (numbers.length === 0) return null;
    return double(numbers[Math.max(0, Math.ceil(part * numbers.length) - 1)] ?? 0);
  });
}

export function partsOf(p: unknown): number[] {
  const parts = Array.isArray(p) ? p.map((part) => (isNumeric(part) ? real(part) : NaN)) : [];
  if (parts.length === 0 || parts.some((part) => !(part >= 0 && part <= 1))) {
    throw new MongoError(7750303, "the $percentile 'p' array must have numbers between 0.0 and 1.0");
  }
  return parts;
}

const picking = (name: string, pick: Pick): Operator =>
  namedOperator(name, ({ input, n }) => {
    if (!Array.isArray(input)) throw new MongoError(5788200, `Input of ${name} must be an array, not ${nameOf(input)}`);
    return pick(input, countOf(name, n));
  });

/** Of a number itself, too; what is none does not count. */
const listOf = (input: unknown): unknown[] => (Array.isArray(input) ? (input as unknown[]) : [input]);

/** The operand's `sortBy` is no expression. */
const sortArray: Operator = (document, operand, options) => {
  if (!isDocument(operand) || !('input' in operand) || !('sortBy' in operand)) {
    throw new MongoError(2942502, "$sortArray requires 'input' and 'sortBy' to be specified");
  }
  const input: unknown = evalExpr(document, operand.input, options);
  if (isNullish(input)) return null;
  if (!Array.isArray(input)) throw new MongoError(2942504, `$sortArray needs an array, not ${nameOf(input)}`);
  return input.toSorted(orderOf(operand.sortBy));
};

function orderOf(sortBy: unknown): (a: unknown, b: unknown) => number {
  if (isDocument(sortBy)) return elementOrder(parseSort(sortBy));
  const direction = isNumeric(sortBy) ? real(sortBy) : NaN;
  if (direction === 1) return compareValues;
  if (direction === -1) return (a, b) => compareValues(b, a);
  throw new MongoError(2942507, "$sortArray: 'sortBy' must be 1, -1 or a document");
}

/** A field by its name, whatever characters are in it: `{ field, input }` or the name alone. */
const fieldOf: Operator = (document, operand, options) => {
  const named: Document = isDocument(operand) && 'field' in operand ? operand : { field: operand };
  if (named === operand && !('input' in named)) {
    throw new MongoError(3041703, "$getField requires 'input' to be specified");
  }
  const field: unknown = evalExpr(document, named.field, options);
  if (typeof field !== 'string') {
    throw new MongoError(3041704, `$getField requires 'field' to evaluate to type String, but got ${nameOf(field)}`);
  }
  const input: unknown = 'input' in named ? evalExpr(document, named.input, options) : document;
  if (input === null) return null;
  return isDocument(input) ? getField(input, field) : undefined;
};

function position(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = isNumeric(value) ? real(value) : NaN;
  if (!Number.isInteger(number))
    throw new MongoError(40096, `${name} requires integral positions, not ${nameOf(value)}`);
  if (number < 0) throw new MongoError(40097, `${name} requires nonnegative positions, not ${number}`);
  return number;
}

function indexOf([list, value, from, to]: unknown[]): unknown {
  if (isNullish(list)) return null;
  if (!Array.isArray(list)) throw new MongoError(40090, `$indexOfArray requires an array, not ${nameOf(list)}`);
  const start = position('$indexOfArray', from, 0);
  const end = Math.min(position('$indexOfArray', to, list.length), list.length);
  for (let i = start; i < end; i++) if (equalValues(list[i], value)) return i;
  return -1;
}

function range([from, to, by = 1]: unknown[]): number[] {
  const [start, end, step] = [whole('start', 34443, from), whole('end', 34445, to), whole('step', 34447, by)];
  if (step === 0) throw new MongoError(34449, '$range requires a non-zero step value');
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, i) => start + i * step);
}

function whole(what: string, code: number, value: unknown): number {
  if (!isNumeric(value)) throw new MongoError(code, `$range requires a numeric ${what} value, not ${nameOf(value)}`);
  const number = real(value);
  if (Number.isInteger(number) && Math.abs(number) < 2 ** 31) return number;
  throw new MongoError(code + 1, `$range requires a ${what} value that can be represented as a 32-bit integer`);
}

export const selectionOperators: Record<string, Operator> = {
  ...Object.fromEntries(Object.entries(PICKS).map(([name, pick]) => [name, picking(name, pick)])),
  $sortArray: sortArray,
  $getField: fieldOf,
  $indexOfArray: operator('$indexOfArray', [2, 4], indexOf),
  $range: operator('$range', [2, 3], range),
  $percentile: namedOperator('$percentile', ({ input, p }) => percentiles(listOf(input), partsOf(p))),
  $median: namedOperator('$median', ({ input }) => percentiles(listOf(input), [0.5])[0]),
  $stdDevPop: operator('$stdDevPop', [0, Infinity], (values) => deviationOf(spread(values), 1)),
  $stdDevSamp: operator('$stdDevSamp', [0, Infinity], (values) => deviationOf(spread(values), 2)),
};

export type Accumulator = (documents: AnyObject[], operand: unknown, options: Options) => unknown;
type Values = (documents: AnyObject[], expression: unknown, options: Options) => unknown[];

const namedOperand = (name: string, operand: unknown): Document => {
  if (isDocument(operand)) return operand;
  throw new MongoError(5787801, `specification must be an object; found ${name}: ${nameOf(operand)}`);
};

/** `$topN` and its like: the first or last documents in an order, and what is asked of each. */
function sorted(name: string, takes: 'first' | 'last', values: Values): Accumulator {
  return (documents, operand, options) => {
    const { sortBy, output, n = 1 } = namedOperand(name, operand);
    if (!isDocument(sortBy)) throw new MongoError(5788005, `${name} requires 'sortBy' to be an object`);
    const inOrder = documents.toSorted(documentOrder(parseSort(sortBy)));
    const count = countOf(name, evalExpr({}, n, options));
    const found = values(takes === 'first' ? inOrder.slice(0, count) : inOrder.slice(-count), output, options);
    const results = found.map((value) => value ?? null);
    return name.endsWith('N') ? results : (results[0] ?? null);
  };
}

/** Accumulators that need all documents of their group at once. */
export function selectionAccumulators(values: Values): Record<string, Accumulator> {
  const picks = Object.entries(PICKS).map(([name, pick]): [string, Accumulator] => [
    name,
    (documents, operand, options) => {
      const { input, n } = namedOperand(name, operand);
      const found = values(documents, input, options).map((value) => value ?? null);
      return pick(found, countOf(name, evalExpr({}, n, options)));
    },
  ]);
  return {
    ...Object.fromEntries(picks),
    $top: sorted('$top', 'first', values),
    $topN: sorted('$topN', 'first', values),
    $bottom: sorted('$bottom', 'last', values),
    $bottomN: sorted('$bottomN', 'last', values),
    $percentile: (documents, operand, options) => {
      const { input, p } = namedOperand('$percentile', operand);
      return percentiles(values(documents, input, options), partsOf(evalExpr({}, p, options)));
    },
    $median: (documents, operand, options) =>
      percentiles(values(documents, namedOperand('$median', operand).input, options), [0.5])[0],
  };
}
