import { compareValues, equalValues, rankOf, TypeRank } from '../bson/compare.js';
import type { Node } from '../match/node.js';
import { typeTest } from '../match/type-names.js';
import type { Predicate } from './predicates.js';

/** True when every document that meets the predicates meets the partial index's filter. */
export function implies(predicates: Predicate[], filter: Node): boolean {
  if (filter.kind === 'and') return filter.nodes.every((node) => implies(predicates, node));
  if (filter.kind === 'or') return filter.nodes.some((node) => implies(predicates, node));
  if (filter.kind !== 'leaf') return false;
  const { path, operator, operand } = filter;
  return predicates.some((given) => given.path === path && impliesOne(given, operator, operand));
}

function impliesOne(given: Predicate, operator: string, operand: unknown): boolean {
  if (given.negated) return operator === '$exists' && existsGiven(given);
  if (given.operator === operator && equalValues(given.operand, operand)) return true;
  if (given.operator === '$in' && Array.isArray(given.operand)) {
    return given.operand.every((item) => impliesOne({ ...given, operator: '$eq', operand: item }, operator, operand));
  }
  if (operator === '$exists') return existsGiven(given);
  if (operator === '$type') return isValueOperator(given.operator) && typeTest(operand)(given.operand);
  if (operator === '$in') return given.operator === '$eq' && listHas(operand, given.operand);
  return isComparable(given, operand) && orderImplied(given, operator, operand);
}

/** «Not null» is also true below an empty array, or one of plain values, which has no such field: its key is null. */
export const isNullBelowArray = ({ path, operator, operand, negated }: Predicate): boolean =>
  negated && operator === '$eq' && operand === null && path.includes('.');

/** A query for a value that is not null only finds documents that have the field. */
export function existsGiven(predicate: Predicate): boolean {
  const { negated, operator, operand } = predicate;
  if (negated) return operator === '$eq' && operand === null && !isNullBelowArray(predicate);
  if (operator === '$in') return Array.isArray(operand) && operand.every((item) => item !== null && item !== undefined);
  if (['$eq', '$gt', '$gte', '$lt', '$lte'].includes(operator)) return operand !== null && operand !== undefined;
  return ['$exists', '$regex', '$type', '$mod', '$size'].includes(operator);
}

function isValueOperator(operator: string): boolean {
  return ['$eq', '$gt', '$gte', '$lt', '$lte'].includes(operator);
}

function listHas(list: unknown, value: unknown): boolean {
  return Array.isArray(list) && list.some((item) => equalValues(item, value));
}

function isComparable(given: Predicate, operand: unknown): boolean {
  const rank = rankOf(operand);
  return isValueOperator(given.operator) && rankOf(given.operand) === rank && rank !== TypeRank.Null;
}

function orderImplied(given: Predicate, operator: string, operand: unknown): boolean {
  const order = compareValues(given.operand, operand);
  const is = (...operators: string[]) => operators.includes(given.operator);
  switch (operator) {
    case '$eq':
      return is('$eq') && order === 0;
    case '$gt':
      return (order > 0 && is('$eq', '$gt', '$gte')) || (order === 0 && is('$gt'));
    case '$gte':
      return order >= 0 && is('$eq', '$gt', '$gte');
    case '$lt':
      return (order < 0 && is('$eq', '$lt', '$lte')) || (order === 0 && is('$lt'));
    case '$lte':
      return order <= 0 && is('$eq', '$lt', '$lte');
    default:
      return false;
  }
}
