import type { AnyObject, Options } from 'mingo/types';
import { evalExpr } from 'mingo/core';
import { $filter } from 'mingo/operators/expression';
import { compareValues, equalValues } from '../bson/compare.js';
import { isDocument, isTrue, numberOf } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { arity, isNullish, nameOf, operator, takesArguments, type Operator } from './operator.js';

const PAIR = [2, 2] as const;

function pairwise(name: string, result: (order: number) => unknown): Operator {
  const compared = ([a, b]: unknown[]) => result(compareValues(a, b));
  const onPair: Operator = (document, operand, options) => {
    const given = Array.isArray(operand) ? operand.length : 1;
    if (given !== 2) throw arity(name, PAIR, given);
    return compared(values(document, operand, options));
  };
  return takesArguments(onPair, { least: 2, most: 2, listOnly: true, result: compared });
}

function onList(result: (values: unknown[]) => unknown): Operator {
  const onValues: Operator = (document, operand, options) => result(values(document, operand, options));
  return takesArguments(onValues, { least: 0, most: Infinity, listOnly: true, result });
}

function values(document: AnyObject, operand: unknown, options: Options): unknown[] {
  const evaluated = evalExpr(document, operand, options);
  return Array.isArray(evaluated) ? evaluated : [evaluated];
}

/** The first branch whose case holds; without one, the default. */
const choice: Operator = (document, operand, options) => {
  const { branches, ...rest } = isDocument(operand) ? operand : {};
  if (!Array.isArray(branches)) throw new MongoError(40061, "$switch expected an array for 'branches'");
  if (branches.length === 0) throw new MongoError(40068, '$switch requires at least one branch.');
  for (const branch of branches as unknown[]) {
    if (!isDocument(branch) || !('case' in branch) || !('then' in branch)) {
      throw new MongoError(40064, "$switch requires each branch have a 'case' and a 'then' expression");
    }
    if (isTrue(evalExpr(document, branch.case, options))) return evalExpr(document, branch.then, options);
  }
  if (!('default' in rest)) {
    throw new MongoError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
  }
  return evalExpr(document, rest.default, options);
};

/** `[if, then, else]`, or these by name. */
const condition: Operator = (document, operand, options) => {
  const parts = isDocument(operand) ? [operand.if, operand.then, operand.else] : operand;
  const named = isDocument(operand) ? Object.keys(operand) : [];
  const unknown = named.find((name) => !['if', 'then', 'else'].includes(name));
  if (unknown !== undefined) throw new MongoError(17083, `Unrecognized parameter to $cond: ${unknown}`);
  if (!Array.isArray(parts) || parts.length !== 3 || (named.length > 0 && named.length < 3)) {
    throw new MongoError(16020, 'Expression $cond takes exactly 3 arguments.');
  }
  return evalExpr(document, isTrue(evalExpr(document, parts[0], options)) ? parts[1] : parts[2], options);
};

/** mingo's, with MongoDB's idea of what is true. */
const filter: Operator = (document, operand, options) => {
  if (!isDocument(operand)) throw new MongoError(28646, '$filter only supports an object as its argument');
  const { input, cond, as, limit } = operand;
  if (!('input' in operand)) throw new MongoError(28648, "Missing 'input' parameter to $filter");
  if (!('cond' in operand)) throw new MongoError(28650, "Missing 'cond' parameter to $filter");
  const most: unknown = evalExpr(document, limit ?? null, options);
  const count = isNullish(most) ? undefined : numberOf(most);
  if (!isNullish(most) && (count === undefined || !Number.isInteger(count))) {
    throw new MongoError(327391, `$filter: limit must be represented as a 32-bit integral value: ${nameOf(most)}`);
  }
  if (count !== undefined && count < 1) throw new MongoError(327392, '$filter: limit must be greater than 0');
  return $filter(
    document,
    {
      input,
      cond: { $cond: [cond, true, false] },
      ...(typeof as === 'string' && { as }),
      ...(count !== undefined && { limit: count }),
    },
    options,
  );
};

/** mingo compares ids, binaries and int64 as text and orders types its own way; these follow BSON. */
export const comparisonOperators = {
  $eq: pairwise('$eq', (order) => order === 0),
  $ne: pairwise('$ne', (order) => order !== 0),
  $gt: pairwise('$gt', (order) => order > 0),
  $gte: pairwise('$gte', (order) => order >= 0),
  $lt: pairwise('$lt', (order) => order < 0),
  $lte: pairwise('$lte', (order) => order <= 0),
  $cmp: pairwise('$cmp', (order) => Math.sign(order)),
  $switch: choice,
  $cond: condition,
  $filter: filter,
  $in: onList(([value, list]) => {
    if (!Array.isArray(list)) throw new MongoError(40081, '$in requires an array as a second argument');
    return list.some((item) => equalValues(item, value));
  }),
  $type: operator('$type', [1, 1], ([value]) => nameOf(value)),
};
