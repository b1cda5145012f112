import { BSONRegExp } from 'bson';
import { compareValues, equalValues } from '../bson/compare.js';
import { isDocument, numberOf, type Document } from '../bson/document.js';
import { badValue, MongoError } from '../errors.js';
import { compileElementCondition, isOperators } from '../match/filter.js';
import { equality } from '../match/leaf.js';
import { typeName } from '../match/type-names.js';
import { elementOrder, parseSort } from '../match/sort.js';
import { KEEP, type Change } from './path.js';

const PUSH_MODIFIERS = new Set(['$each', '$slice', '$sort', '$position']);

function notArray(operator: string, old: unknown): MongoError {
  return badValue(`Cannot apply ${operator} to a non-array field of type ${typeName(old)}`);
}

/** A whole number. Throws BadValue. */
function integer(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = numberOf(value);
  if (number !== undefined && Number.isInteger(number)) return number;
  throw badValue(`The value for ${name} must be an integer value but was given type: ${typeName(value)}`);
}

/** `$push` with `$each`, `$position`, `$sort` and `$slice`, in that order. */
export function push(operand: unknown): Change {
  const modifiers: Document = isDocument(operand) && '$each' in operand ? operand : { $each: [operand] };
  const { $each, $slice, $sort, $position } = modifiers;
  const unknown = Object.keys(modifiers).find((name) => !PUSH_MODIFIERS.has(name));
  if (unknown !== undefined) throw badValue(`Unrecognized clause in $push: ${unknown}`);
  if (!Array.isArray($each)) {
    throw badValue(`The argument to $each in $push must be an array but it was of type: ${typeName($each)}`);
  }
  const order = $sort === undefined ? undefined : orderOf($sort);
  const [slice, position] = [integer('$slice', $slice), integer('$position', $position)];
  return (old) => {
    if (old !== undefined && !Array.isArray(old)) throw notArray('$push', old);
    const result: unknown[] = [...(old ?? [])];
    const at = position === undefined ? result.length : position < 0 ? Math.max(0, result.length + position) : position;
    result.splice(Math.min(at, result.length), 0, ...($each as unknown[]));
    if (order) result.sort(order);
    if (slice === undefined) return result;
    return slice === 0 ? [] : slice < 0 ? result.slice(slice) : result.slice(0, slice);
  };
}

function orderOf(sort: unknown): (a: unknown, b: unknown) => number {
  if (isDocument(sort)) {
    if ('' in sort) throw badValue('The $sort field cannot be empty');
    return elementOrder(parseSort(sort));
  }
  const direction = numberOf(sort);
  if (direction === undefined) {
    throw badValue('The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields');
  }
  if (direction !== 1 && direction !== -1) throw badValue('The $sort element value must be either 1 or -1');
  return (a, b) => direction * compareValues(a, b);
}

export function addToSet(operand: unknown): Change {
  const items = isDocument(operand) && '$each' in operand ? operand.$each : [operand];
  if (!Array.isArray(items)) {
    throw new MongoError(
      14,
      `The argument to $each in $addToSet must be an array but it was of type ${typeName(items)}`,
    );
  }
  const unknown = isDocument(operand) && '$each' in operand && Object.keys(operand).find((name) => name !== '$each');
  if (unknown) throw badValue(`Found unexpected fields after $each in $addToSet: ${unknown}`);
  return (old) => {
    if (old !== undefined && !Array.isArray(old)) throw notArray('$addToSet', old);
    const result: unknown[] = [...(old ?? [])];
    for (const item of items) if (!result.some((other) => equalValues(other, item))) result.push(item);
    return old !== undefined && result.length === old.length ? KEEP : result;
  };
}

/** `$pull`: a value, a pattern, operators, or a filter on elements that are documents. */
export function pull(operand: unknown): Change {
  const test = pullTest(operand);
  return (old) => {
    if (old === undefined) return KEEP;
    if (!Array.isArray(old)) throw notArray('$pull', old);
    const result = old.filter((item) => !test(item));
    return result.length === old.length ? KEEP : result;
  };
}

function pullTest(operand: unknown): (item: unknown) => boolean {
  if (operand instanceof BSONRegExp) return equality(operand);
  if (!isDocument(operand)) return (item) => equalValues(item, operand);
  const condition = compileElementCondition(operand);
  if (isOperators(operand)) return (item) => condition.matches(item);
  return (item) => isDocument(item) && condition.matches(item);
}

export function pullAll(operand: unknown): Change {
  if (!Array.isArray(operand)) {
    throw badValue(`$pullAll requires an array argument but was given a ${typeName(operand)}`);
  }
  return (old) => {
    if (old === undefined) return KEEP;
    if (!Array.isArray(old)) throw notArray('$pullAll', old);
    return old.filter((item) => !operand.some((other) => equalValues(other, item)));
  };
}

export function pop(operand: unknown): Change {
  const end = numberOf(operand);
  if (end !== 1 && end !== -1) throw new MongoError(9, `$pop expects 1 or -1, found: ${String(operand)}`);
  return (old) => {
    if (old === undefined) return KEEP;
    if (!Array.isArray(old)) throw new MongoError(14, `Path contains an element of non-array type '${typeName(old)}'`);
    return end === 1 ? old.slice(0, -1) : old.slice(1);
  };
}
