import { isDocument, numberOf, type Document } from '../bson/document.js';
import { Code, failedToParse, MongoError } from '../errors.js';
import { checkExpression, checkProjected } from '../expression/check.js';
import { typeName } from '../match/type-names.js';
import { checkBucket } from './bucket-checks.js';
import { checkGroup, checkSortByCount } from './group-checks.js';

type Check = (operand: unknown) => void;

const refuse = (code: number, message: string): never => {
  throw new MongoError(code, message);
};

const nonEmptyObject = (stage: string, code: number, empty: number, checkValue: Check): Check => {
  return (operand) => {
    if (!isDocument(operand)) return refuse(code, `${stage} specification stage must be an object`);
    if (Object.keys(operand).length === 0) refuse(empty, `Invalid ${stage} :: caused by :: it must have a field`);
    checkComputed(operand, checkValue);
  };
};

/** Fields of `$project` and `$addFields`: flags, or expressions whose operators exist. */
function checkComputed(fields: Document, checkValue: Check): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name.split('.').some((part) => part.startsWith('$'))) {
      refuse(16410, `FieldPath field names may not start with '$'. Consider using $getField or $setField: ${name}`);
    }
    if (name.endsWith('.')) refuse(40353, "FieldPath must not end with a '.'.");
    checkValue(value);
  }
}

function unwind(operand: unknown): void {
  if (typeof operand !== 'string' && !isDocument(operand)) {
    const text = `expected either a string or an object as specification for $unwind stage, got ${typeName(operand)}`;
    return refuse(15981, text);
  }
  const options: Document = isDocument(operand) ? operand : { path: operand };
  const { path, preserveNullAndEmptyArrays: preserve, includeArrayIndex: index, ...others } = options;
  if (path === undefined || path === '') return refuse(28812, 'no path specified to $unwind stage');
  if (typeof path !== 'string') {
    return refuse(28808, `expected a string as the path for $unwind stage, got ${typeName(path)}`);
  }
  if (!path.startsWith('$')) refuse(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  if (path === '$') refuse(16872, "'$' by itself is not a valid FieldPath");
  if (preserve !== undefined && typeof preserve !== 'boolean') {
    refuse(28809, `expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage`);
  }
  if (index !== undefined && (typeof index !== 'string' || index === '')) {
    refuse(28810, `expected a non-empty string for the includeArrayIndex option to $unwind stage`);
  }
  if (typeof index === 'string' && index.startsWith('$')) {
    refuse(28822, `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${index}`);
  }
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) refuse(28811, `unrecognized option to $unwind stage: ${unknown}`);
}

function integer(stage: string, code: number, zero?: number): Check {
  return (operand) => {
    const number = numberOf(operand);
    if (number === undefined || !Number.isInteger(number) || number < 0) {
      refuse(
        code,
        `invalid argument to ${stage} stage: Expected a non-negative number in: ${stage}: ${String(operand)}`,
      );
    }
    if (number === 0 && zero !== undefined) refuse(zero, `the limit must be positive`);
  };
}

function count(operand: unknown): void {
  if (typeof operand !== 'string') return refuse(40156, 'the count field must be a non-empty string');
  if (operand === '') refuse(40157, 'the count field must be a non-empty string');
  if (operand.startsWith('$')) refuse(40158, 'the count field cannot be a $-prefixed path');
  if (operand.includes('.')) refuse(40160, "the count field cannot contain '.'");
}

function unset(operand: unknown): void {
  const names: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (Array.isArray(operand) && names.length === 0) {
    refuse(31119, '$unset specification must be a string or an array with at least one field');
  }
  if (!names.every((name) => typeof name === 'string')) refuse(31002, '$unset specification must be a string');
  if (names.includes('')) refuse(40352, 'FieldPath cannot be constructed with empty string');
}

function facet(operand: unknown): void {
  if (!isDocument(operand) || Object.keys(operand).length === 0) {
    return refuse(40169, 'the $facet specification must be a non-empty object');
  }
  for (const [name, pipeline] of Object.entries(operand)) {
    if (!Array.isArray(pipeline)) {
      return refuse(Code.TypeMismatch, `arguments to $facet must be arrays, ${name} is type ${typeName(pipeline)}`);
    }
    const inner = pipeline.filter(isDocument).flatMap((stage) => Object.keys(stage));
    const misplaced = inner.find((stage) => ['$out', '$merge', '$facet', '$geoNear', '$indexStats'].includes(stage));
    if (misplaced) refuse(40600, `${misplaced} is not allowed to be used within a $facet stage`);
  }
}

function replaceRoot(operand: unknown): void {
  if (!isDocument(operand)) return refuse(40229, 'expected an object as specification for $replaceRoot stage');
  if (!('newRoot' in operand)) refuse(40231, 'no newRoot specified for the $replaceRoot stage');
  checkExpression(operand.newRoot);
}

function sample(operand: unknown): void {
  if (!isDocument(operand)) return refuse(28745, 'the $sample stage specification must be an object');
  if (!('size' in operand)) refuse(28749, '$sample stage must specify a size');
  const size = numberOf(operand.size);
  if (size === undefined) return refuse(28746, 'size argument to $sample must be a number');
  if (size <= 0) refuse(28747, 'size argument to $sample must be a positive integer');
}

function lookup(operand: unknown): void {
  if (!isDocument(operand)) throw failedToParse(`the $lookup stage specification must be an object`);
  const known = ['from', 'as', 'localField', 'foreignField', 'let', 'pipeline'];
  const unknown = Object.keys(operand).find((name) => !known.includes(name));
  if (unknown !== undefined) throw failedToParse(`unknown argument to $lookup: ${unknown}`);
  if (typeof operand.as !== 'string') throw failedToParse("must specify 'as' field for a $lookup");
  checkExpression(operand.let);
}

const addFields = nonEmptyObject('$addFields', 40272, 40177, checkExpression);

const CHECKS: Record<string, Check> = {
  $match: (operand) => {
    if (!isDocument(operand)) refuse(15959, 'the match filter must be an expression in an object');
  },
  $project: nonEmptyObject('$project', 15969, 51272, checkProjected),
  $addFields: (operand) => (isDocument(operand) && Object.keys(operand).length === 0 ? undefined : addFields(operand)),
  $group: checkGroup,
  $sort: (operand) => {
    if (!isDocument(operand)) return refuse(15973, 'the $sort key specification must be an object');
    if (Object.keys(operand).length === 0) refuse(15976, '$sort stage must have at least one sort key');
  },
  $limit: integer('$limit', 5107201, 15958),
  $skip: integer('$skip', 5107200),
  $count: count,
  $unset: unset,
  $unwind: unwind,
  $facet: facet,
  $replaceRoot: replaceRoot,
  $replaceWith: checkExpression,
  $redact: checkExpression,
  $sample: sample,
  $bucket: checkBucket,
  $lookup: lookup,
  $sortByCount: checkSortByCount,
};
CHECKS.$set = CHECKS.$addFields ?? addFields;

/** Throws, with MongoDB's code, what can be said of a stage before any document is seen. */
export function checkOperand(name: string, operand: unknown): void {
  if (Object.hasOwn(CHECKS, name)) CHECKS[name]?.(operand);
}
