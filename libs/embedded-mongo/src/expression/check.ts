import { isDocument, type Document } from '../bson/document.js';
import { Code, MongoError, notImplemented } from '../errors.js';
import { expressionOperators } from './evaluate.js';
import { checkNamedArguments } from './named-arguments.js';

/** Read by the stage or command around them, not among the expressions. */
const ELSEWHERE = new Set(['$literal', '$meta', '$slice', '$elemMatch', '$search', '$searchMeta']);

/** mingo evaluates them; to MongoDB 7.0 the one is a filter, the other nothing. */
const NO_EXPRESSIONS = new Set(['$sampleRate', '$sigmoid']);

const isExpression = (operator: string): boolean =>
  ELSEWHERE.has(operator) || (Object.hasOwn(expressionOperators, operator) && !NO_EXPRESSIONS.has(operator));

/** Throws for operators, and named arguments, that do not exist, whether or not a document will come that they would be evaluated for. */
export function checkExpression(expression: unknown): void {
  if (Array.isArray(expression)) return expression.forEach(checkExpression);
  if (!isDocument(expression)) return;
  const [operator = '', ...others] = Object.keys(expression);
  if (!operator.startsWith('$')) return checkFields(expression, checkExpression);
  if (others.length > 0) {
    throw new MongoError(15983, 'an object representing an expression must have exactly one field');
  }
  if (ELSEWHERE.has(operator)) return;
  if (operator === '$function') throw notImplemented(operator);
  if (!isExpression(operator)) {
    throw new MongoError(Code.InvalidPipelineOperator, `Unrecognized expression '${operator}'`);
  }
  if (operator === '$ifNull' && [expression.$ifNull].flat().length < 2) {
    throw new MongoError(1257300, '$ifNull needs at least two arguments');
  }
  checkNamedArguments(operator, expression[operator]);
  checkExpression(expression[operator]);
}

/** As checkExpression, for a field of a projection: MongoDB has a code of its own for an operator that is none there. */
export function checkProjected(value: unknown): void {
  if (!isDocument(value)) return checkExpression(value);
  const [operator = ''] = Object.keys(value);
  if (!operator.startsWith('$')) return checkFields(value, checkProjected);
  if (!isExpression(operator)) throw new MongoError(31325, `Unknown expression ${operator}`);
  checkExpression(value);
}

function checkFields(fields: Document, check: (value: unknown) => void): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith('$')) {
      throw new MongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    }
    check(value);
  }
}
