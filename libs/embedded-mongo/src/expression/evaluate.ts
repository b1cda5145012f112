import { BSONRegExp } from 'bson';
import { Aggregator } from 'mingo/aggregator';
import { Context, evalExpr, ProcessingMode } from 'mingo/core';
import type { Iterator } from 'mingo/lazy';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import * as pipelineStages from 'mingo/operators/pipeline';
import * as queries from 'mingo/operators/query';
import * as windows from 'mingo/operators/window';
import type { AnyObject, Options } from 'mingo/types';
import { getField, isDocument, plain, type Document } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';
import { ownAccumulators } from './accumulators.js';
import { arithmeticOperators } from './arithmetic.js';
import { arrayOperators } from './arrays.js';
import { binaryOperators } from './binary.js';
import { bitOperators } from './bits.js';
import { comparisonOperators } from './comparison.js';
import { conversionOperators } from './conversion.js';
import { dateOperators } from './dates.js';
import { functionOperators } from './functions.js';
import { linearFill } from './linear-fill.js';
import { argumentsOf, type Arguments, type Operator } from './operator.js';
import { selectionOperators } from './selections.js';
import { stringOperators } from './strings.js';

export const accumulatorOperators = { ...accumulators, ...ownAccumulators };

const ownOperators: Record<string, Operator> = {
  ...comparisonOperators,
  ...arithmeticOperators,
  ...functionOperators,
  ...bitOperators,
  ...arrayOperators,
  ...binaryOperators,
  ...selectionOperators,
  ...stringOperators,
  ...conversionOperators,
  ...dateOperators,
};

/** mingo's expressions, and MongoDB's own in place of those that treat null, types or order in another way. */
export const expressionOperators = { ...expressions, ...ownOperators, ...bothKinds() };

/** mingo asks for expressions first: `$sum` and its like on a group's documents are accumulators all the same. */
function bothKinds(): Record<string, Operator> {
  return Object.fromEntries(
    Object.entries(ownAccumulators).flatMap(([name, accumulate]): [string, Operator][] => {
      const expression = ownOperators[name];
      if (!expression) return [];
      const either: Operator = (document, operand, options) =>
        Array.isArray(document) ? accumulate(document, operand, options) : expression(document, operand, options);
      return [[name, either]];
    }),
  );
}

/** How an operator is called that looks at nothing but the values of its arguments; undefined for all others. */
export function argumentsOfOperator(name: string): Arguments | undefined {
  const operator = Object.hasOwn(ownOperators, name) ? ownOperators[name] : undefined;
  return operator && argumentsOf(operator);
}

let handedOver: Options | undefined;

/** A stage that keeps the options it is called with. */
const $keepOptions = (documents: Iterator, _operand: AnyObject, options: Options): Iterator => {
  handedOver = options;
  return documents;
};

const expressionContext: Context = Context.init()
  .addExpressionOps(expressionOperators)
  .addAccumulatorOps(accumulatorOperators)
  .addQueryOps(queries)
  .addWindowOps({ ...windows, $linearFill: linearFill })
  .addPipelineOps({ ...pipelineStages, $keepOptions });

/** Options without scripts: `$function` and its like never run here. */
export function expressionOptions(context: Context, variables: Document): Options {
  const strict = { idKey: '_id', useStrictMode: true, failOnError: true, scriptEnabled: false };
  return { ...strict, processingMode: ProcessingMode.CLONE_OFF, context, variables };
}

const NONE: Document = {};
const preparedOptions = new WeakMap<Document, Options>();

/**
 * Options for evalExpr. Given plain ones, mingo copies all operators for every expression that it evaluates; those that
 * it hands to a stage itself it takes as they are (mingo 7.2.7).
 */
export function evaluationOptions(variables: Document): Options {
  const key = Object.keys(variables).length > 0 ? variables : NONE;
  const known = preparedOptions.get(key);
  if (known) return known;
  const plain = expressionOptions(expressionContext, key);
  new Aggregator([{ $keepOptions: {} }], plain).run([]);
  const prepared = handedOver ?? plain;
  preparedOptions.set(key, prepared);
  return prepared;
}

/** The value of an aggregation expression for a document; undefined when it is missing (`$$REMOVE`). */
export function evaluate(expression: unknown, document: unknown, variables: Document = NONE): unknown {
  return evaluatePlain(plain(expression), plain(document), variables);
}

/** As `evaluate`, on what has plain numbers already. */
export function evaluatePlain(expression: unknown, document: unknown, variables: Document = NONE): unknown {
  try {
    return evalExpr(document, expression, evaluationOptions(variables));
  } catch (error) {
    throw asExpressionError(error);
  }
}

/** Codes of operators whose input is no array. */
const NOT_ARRAY: Record<string, number> = { $filter: 28651, $map: 16883, $reduce: 40080 };

/** mingo's own errors become BadValue; MongoDB's pass. */
export function asExpressionError(error: unknown): unknown {
  if (error instanceof MongoError || !(error instanceof Error)) return error;
  const unknown = /accumulator '(\$\w+)' is not registered/.exec(error.message);
  if (unknown) return new MongoError(Code.InvalidPipelineOperator, `Unrecognized expression '${unknown[1]}'`);
  if (error.message.startsWith('Use of undefined variable')) return new MongoError(17276, error.message);
  const notArray = /^(\$\w+) 'input' expression must resolve to array/.exec(error.message)?.[1] ?? '';
  if (notArray in NOT_ARRAY) return new MongoError(NOT_ARRAY[notArray] ?? Code.BadValue, error.message);
  if (error.message.startsWith('Expression must contain a single operator')) {
    return new MongoError(15983, 'an object representing an expression must have exactly one field');
  }
  return new MongoError(Code.BadValue, error.message);
}

export interface Equality {
  path: string;
  value: unknown;
}

/**
 * Equalities between a field and a constant that hold wherever the expression is true, so that the planner can use an
 * index for `$expr`. Arrays and patterns are left out: a filter gives them another meaning.
 */
export function impliedEqualities(expression: unknown, variables: Document): Equality[] {
  if (!isDocument(expression)) return [];
  const { $and, $eq } = expression;
  if (Array.isArray($and)) return $and.flatMap((part) => impliedEqualities(part, variables));
  if (!Array.isArray($eq) || $eq.length !== 2) return [];
  const [first, second] = $eq as [unknown, unknown];
  return [equality(first, second, variables), equality(second, first, variables)].filter(
    (found) => found !== undefined,
  );
}

function equality(field: unknown, constant: unknown, variables: Document): Equality | undefined {
  if (typeof field !== 'string' || !/^\$[^$]/.test(field)) return undefined;
  const value = constantOf(constant, variables);
  const usable = value !== undefined && !Array.isArray(value) && !(value instanceof BSONRegExp);
  return usable ? { path: field.slice(1), value } : undefined;
}

function constantOf(expression: unknown, variables: Document): unknown {
  if (typeof expression === 'string' && expression.startsWith('$$')) return getField(variables, expression.slice(2));
  if (typeof expression === 'string') return expression.startsWith('$') ? undefined : expression;
  if (!isDocument(expression)) return expression;
  return '$literal' in expression ? expression.$literal : undefined;
}
