import { Timestamp } from 'bson';
import { compareValues } from '../bson/compare.js';
import { isDocument, type Document } from '../bson/document.js';
import { isNumeric } from '../bson/number.js';
import { typeName } from '../match/type-names.js';
import { badValue, Code, failedToParse, MongoError } from '../errors.js';
import { bitwise, calculate } from './arithmetic.js';
import { addToSet, pop, pull, pullAll, push } from './arrays.js';
import { isInteger } from './integer.js';
import { KEEP, REMOVE, type Change, type Way } from './path.js';

/** An update operator on one path: how it changes the value, and what it does about missing paths. */
interface Operator {
  way: Way;
  change(operand: unknown, path: string, now: Date): Change;
}

const making = (change: Operator['change']): Operator => ({ way: 'make', change });
const existing = (change: Operator['change']): Operator => ({ way: 'pass', change });

const OPERATORS: Record<string, Operator> = {
  $set: making((operand) => () => operand),
  $setOnInsert: making((operand) => () => operand),
  $unset: existing(() => () => REMOVE),
  $inc: making((operand, path) => arithmetic('add', '$inc', operand, path)),
  $mul: making((operand, path) => arithmetic('multiply', '$mul', operand, path)),
  $min: making((operand) => (old) => (old === undefined || compareValues(operand, old) < 0 ? operand : KEEP)),
  $max: making((operand) => (old) => (old === undefined || compareValues(operand, old) > 0 ? operand : KEEP)),
  $currentDate: making(currentDate),
  $bit: making(bit),
  $push: making(push),
  $addToSet: making(addToSet),
  $pull: existing(pull),
  $pullAll: existing(pullAll),
  $pop: { way: 'reach', change: pop },
};

export function updateOperator(name: string): Operator {
  const operator = OPERATORS[name];
  if (operator) return operator;
  throw failedToParse(
    `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
  );
}

function arithmetic(operation: 'add' | 'multiply', name: string, operand: unknown, path: string): Change {
  const verb = operation === 'add' ? 'increment' : 'multiply';
  if (!isNumeric(operand)) {
    throw new MongoError(Code.TypeMismatch, `Cannot ${verb} with non-numeric argument: {${path}: ${String(operand)}}`);
  }
  return (old) => {
    if (old === undefined) return operation === 'add' ? operand : calculate('multiply', 0, operand);
    if (isNumeric(old)) return calculate(operation, old, operand);
    throw new MongoError(Code.TypeMismatch, `Cannot apply ${name} to a value of non-numeric type at '${path}'`);
  };
}

function currentDate(operand: unknown, path: string, now: Date): Change {
  if (typeof operand === 'boolean') return () => now;
  if (!isDocument(operand)) {
    throw badValue(
      `${typeName(operand)} is not valid type for $currentDate. ` +
        "Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).",
    );
  }
  const unknown = Object.keys(operand).find((name) => name !== '$type');
  if (unknown !== undefined) throw badValue(`Unrecognized $currentDate option: ${unknown}`);
  const { $type: type } = operand;
  if (type === 'date') return () => now;
  if (type === 'timestamp') return () => new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
  throw badValue(
    `The '$type' string field is required to be 'date' or 'timestamp' at '${path}': ` +
      "{$currentDate: {field : {$type: 'date'}}}",
  );
}

function bit(operand: unknown, path: string): Change {
  if (!isDocument(operand) || Object.values(operand).some((value) => !isInteger(value))) {
    throw badValue(`The $bit modifier field must be an Integer(32/64 bit) at '${path}'`);
  }
  const steps: [string, unknown][] = Object.entries(operand as Document);
  if (steps.length === 0) {
    throw badValue('You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}');
  }
  return (old) => {
    if (old !== undefined && !isInteger(old)) throw badValue(`Cannot apply $bit to a value of non-integral type`);
    return steps.reduce<unknown>((value, [name, mask]) => bitwise(name, value, mask), old ?? 0);
  };
}
