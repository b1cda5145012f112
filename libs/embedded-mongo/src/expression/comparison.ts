import type { AnyObject, Options } from 'mingo/types';
import { evalExpr } from 'mingo/core';
import { compareValues, equalValues } from '../bson/compare.js';
import { MongoError } from '../errors.js';
import { typeName } from '../match/type-names.js';
import type { Operator } from './operator.js';

function pairwise(result: (order: number) => unknown): Operator {
  return (document, operand, options) => {
    const [a, b] = values(document, operand, options);
    return result(compareValues(a, b));
  };
}

function values(document: AnyObject, operand: unknown, options: Options): unknown[] {
  const evaluated = evalExpr(document, operand, options);
  return Array.isArray(evaluated) ? evaluated : [evaluated];
}

function single(document: AnyObject, operand: unknown, options: Options): unknown {
  const evaluated = evalExpr(document, operand, options);
  return Array.isArray(operand) && Array.isArray(evaluated) && evaluated.length === 1 ? evaluated[0] : evaluated;
}

/** mingo compares ids, binaries and int64 as text and orders types its own way; these follow BSON. */
export const comparisonOperators = {
  $eq: pairwise((order) => order === 0),
  $ne: pairwise((order) => order !== 0),
  $gt: pairwise((order) => order > 0),
  $gte: pairwise((order) => order >= 0),
  $lt: pairwise((order) => order < 0),
  $lte: pairwise((order) => order <= 0),
  $cmp: pairwise((order) => Math.sign(order)),
  $in: ((document, operand, options) => {
    const [value, list] = values(document, operand, options);
    if (!Array.isArray(list)) throw new MongoError(40081, '$in requires an array as a second argument');
    return list.some((item) => equalValues(item, value));
  }) satisfies Operator,
  $type: ((document, operand, options) => {
    const value = single(document, operand, options);
    return value === undefined ? 'missing' : typeName(value);
  }) satisfies Operator,
};
