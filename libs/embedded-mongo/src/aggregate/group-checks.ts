import { isDocument, type Document } from '../bson/document.js';
import { MongoError, notImplemented } from '../errors.js';
import { checkExpression } from '../expression/check.js';
import { accumulatorOperators } from '../expression/evaluate.js';

/** `$group`: an `_id`, and fields that are one accumulator each. */
export function checkGroup(operand: unknown): void {
  if (!isDocument(operand)) throw new MongoError(15947, "a group's fields must be specified in an object");
  const { _id, ...fields } = operand;
  if (!('_id' in operand)) throw new MongoError(15955, 'a group specification must include an _id');
  checkExpression(_id);
  checkAccumulators(fields);
}

function checkAccumulators(fields: Document): void {
  for (const [name, accumulator] of Object.entries(fields)) {
    if (name.includes('.')) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$')) throw new MongoError(40236, `The field name '${name}' cannot be an operator name`);
    if (!isDocument(accumulator)) throw new MongoError(40234, `The field '${name}' must be an accumulator object`);
    const [operator = '', ...others] = Object.keys(accumulator);
    if (operator === '' || others.length > 0) {
      throw new MongoError(40238, `The field '${name}' must specify one accumulator`);
    }
    if (operator === '$accumulator') throw notImplemented(operator);
    if (!Object.hasOwn(accumulatorOperators, operator)) {
      throw new MongoError(15952, `unknown group operator '${operator}'`);
    }
    checkExpression(accumulator[operator]);
  }
}

export function checkSortByCount(operand: unknown): void {
  const isPath = typeof operand === 'string' && operand.startsWith('$');
  const isExpression = isDocument(operand) && Object.keys(operand)[0]?.startsWith('$') === true;
  if (!isPath && !isExpression) {
    throw new MongoError(
      40147,
      'the sortByCount field must be defined as a $-prefixed path or an expression in an object',
    );
  }
  checkExpression(operand);
}
