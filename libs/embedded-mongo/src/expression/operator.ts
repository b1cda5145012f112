import { evalExpr } from 'mingo/core';
import type { AnyObject, Options } from 'mingo/types';
import { isDocument } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { typeName } from '../match/type-names.js';

/** An expression operator as mingo calls it. */
export type Operator = (document: AnyObject, operand: unknown, options: Options) => unknown;

export const isNullish = (value: unknown): value is null | undefined => value === null || value === undefined;

export const nameOf = (value: unknown): string => (value === undefined ? 'missing' : typeName(value));

/** An operator on evaluated arguments; one that is no list stands for a list of one. */
export function operator(
  name: string,
  [least, most]: readonly [number, number],
  result: (values: unknown[]) => unknown,
): Operator {
  const onArguments: Operator = (document, operand, options) => {
    const list: unknown[] = Array.isArray(operand) ? operand : [operand];
    if (list.length < least || list.length > most) throw arity(name, [least, most], list.length);
    return result(list.map((item) => evalExpr(document, item, options)));
  };
  return takesArguments(onArguments, { least, most, listOnly: false, result });
}

/** An operator that looks at nothing but the values of its arguments. */
export interface Arguments {
  least: number;
  most: number;
  /** Only an operand that is a list gives the arguments one by one. */
  listOnly: boolean;
  result: (values: unknown[]) => unknown;
}

const ARGUMENTS = new WeakMap<Operator, Arguments>();

export function takesArguments(operator: Operator, known: Arguments): Operator {
  ARGUMENTS.set(operator, known);
  return operator;
}

export function argumentsOf(operator: Operator): Arguments | undefined {
  return ARGUMENTS.get(operator);
}

export function arity(name: string, [least, most]: readonly [number, number], given: number): MongoError {
  if (least === most) {
    return new MongoError(16020, `Expression ${name} takes exactly ${least} arguments. ${given} were passed in.`);
  }
  return new MongoError(
    28667,
    `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${given} were passed in.`,
  );
}

/** Null when any argument is null or missing. */
export function unlessNull(result: (...values: unknown[]) => unknown): (values: unknown[]) => unknown {
  return (values) => (values.some(isNullish) ? null : result(...values));
}

/** What these are, one after the other; null at the first that is null, whatever comes after it. */
export function untilNull<T>(values: unknown[], read: (value: unknown) => T): T[] | null {
  const result: T[] = [];
  for (const value of values) {
    if (isNullish(value)) return null;
    result.push(read(value));
  }
  return result;
}

/** An operator whose operand is a document of named arguments; they are evaluated. */
export function namedOperator(name: string, result: (values: Record<string, unknown>) => unknown): Operator {
  return (document, operand, options) => {
    if (!isDocument(operand)) throw new MongoError(9, `${name} requires an object as an argument`);
    const entries = Object.entries(operand).map(([key, part]) => [key, evalExpr(document, part, options)] as const);
    return result(Object.fromEntries(entries));
  };
}
