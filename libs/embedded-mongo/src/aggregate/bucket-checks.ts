import { compareValues, rankOf } from '../bson/compare.js';
import { isDocument } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { checkExpression } from '../expression/check.js';
import { typeName } from '../match/type-names.js';

/** `$bucket`: an expression, and at least two constants of one type in ascending order. */
export function checkBucket(operand: unknown): void {
  if (!isDocument(operand)) throw new MongoError(40201, 'Argument to $bucket stage must be an object');
  const { boundaries, groupBy, default: rest, output, ...others } = operand;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new MongoError(40197, `Unrecognized option to $bucket: ${unknown}.`);
  if (groupBy === undefined || boundaries === undefined) {
    throw new MongoError(40198, "$bucket requires 'groupBy' and 'boundaries'");
  }
  checkGroupBy(groupBy);
  if (output !== undefined && !isDocument(output)) {
    throw new MongoError(40196, "The $bucket 'output' field must be an object");
  }
  const constants = checkBoundaries(boundaries);
  if (rest !== undefined && constants.every(isPlain) && isPlain(rest)) checkDefault(rest, constants);
}

function checkGroupBy(groupBy: unknown): void {
  const isPath = typeof groupBy === 'string' && groupBy.startsWith('$');
  if (!isPath && !isDocument(groupBy)) {
    throw new MongoError(40202, "The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression");
  }
  checkExpression(groupBy);
}

function checkBoundaries(boundaries: unknown): unknown[] {
  if (!Array.isArray(boundaries)) throw new MongoError(40200, "The $bucket 'boundaries' field must be an array");
  if (boundaries.length < 2) {
    throw new MongoError(
      40192,
      `The $bucket 'boundaries' field must have at least 2 values, but found ${boundaries.length} value(s).`,
    );
  }
  if (boundaries.some((each) => typeof each === 'string' && each.startsWith('$'))) {
    throw new MongoError(40191, "The $bucket 'boundaries' field must be an array of constant values");
  }
  // What is still to be computed has no order yet.
  if (!boundaries.every(isPlain)) return boundaries;
  boundaries.slice(1).forEach((upper: unknown, at) => checkPair(boundaries[at], upper));
  return boundaries;
}

function checkPair(lower: unknown, upper: unknown): void {
  if (rankOf(lower) !== rankOf(upper)) {
    const types = `${typeName(lower)} and ${typeName(upper)}`;
    throw new MongoError(40193, `All values in the 'boundaries' option to $bucket must have the same type: ${types}`);
  }
  if (compareValues(lower, upper) >= 0) {
    throw new MongoError(40194, "The 'boundaries' option to $bucket must be sorted");
  }
}

/** What is in no bucket goes to one that is none of the others. */
function checkDefault(rest: unknown, boundaries: unknown[]): void {
  const isBelow = compareValues(rest, boundaries[0]) < 0;
  if (!isBelow && compareValues(rest, boundaries.at(-1)) < 0) {
    throw new MongoError(
      40199,
      "The $bucket 'default' field must be less than the lowest boundary or not below the last",
    );
  }
}

const isPlain = (value: unknown): boolean => !isDocument(value) || !Object.keys(value)[0]?.startsWith('$');
