import { isDocument } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';
import { accumulatorOperators, expressionOperators } from './evaluate.js';
import { checkNamedArguments } from './named-arguments.js';

/** Read by the stage or command around them, not among the expressions. */
const ELSEWHERE = new Set(['$literal', '$meta', '$slice', '$elemMatch', '$search', '$searchMeta']);

/** Throws for operators, and named arguments, that do not exist, whether or not a document will come that they would be evaluated for. */
export function checkExpression(expression: unknown): void {
  if (Array.isArray(expression)) return expression.forEach(checkExpression);
  if (!isDocument(expression)) return;
  const [operator = '', ...others] = Object.keys(expression);
  if (!operator.startsWith('$')) return Object.entries(expression).forEach(([name, value]) => checkField(name, value));
  if (others.length > 0) {
    throw new MongoError(15983, 'an object representing an expression must have exactly one field');
  }
  if (ELSEWHERE.has(operator)) return;
  if (!Object.hasOwn(expressionOperators, operator) && !Object.hasOwn(accumulatorOperators, operator)) {
    throw new MongoError(Code.InvalidPipelineOperator, `Unrecognized expression '${operator}'`);
  }
  if (operator === '$ifNull' && [expression.$ifNull].flat().length < 2) {
    throw new MongoError(1257300, '$ifNull needs at least two arguments');
  }
  checkNamedArguments(operator, expression[operator]);
  checkExpression(expression[operator]);
}

function checkField(name: string, value: unknown): void {
  if (name.startsWith('$')) {
    throw new MongoError(16410, `FieldPath field names may not start with '$'. Consider using $getField or $setField.`);
  }
  checkExpression(value);
}
