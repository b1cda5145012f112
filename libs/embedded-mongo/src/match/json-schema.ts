import { getField, isDocument, numberOf, type Document } from '../bson/document.js';
import { equalValues } from '../bson/compare.js';
import { failedToParse } from '../errors.js';
import { pattern } from './leaf.js';
import type { Test } from './path.js';
import { typeTest } from './type-names.js';

type Keyword = (operand: unknown, schema: Document) => Test;

const list = (operand: unknown): unknown[] => {
  if (!Array.isArray(operand)) throw failedToParse('$jsonSchema: an array is expected');
  return operand;
};

const whenNumber =
  (test: (value: number) => boolean): Test =>
  (value) => {
    const number = numberOf(value);
    return number === undefined || test(number);
  };

const limit = (operand: unknown): number => numberOf(operand) ?? NaN;
const jsonTypes: Record<string, string> = { boolean: 'bool', integer: 'int' };

const KEYWORDS: Record<string, Keyword> = {
  bsonType: (operand) => typeTest(operand),
  type: (operand) =>
    typeTest((Array.isArray(operand) ? operand : [operand]).map((name) => jsonTypes[String(name)] ?? name)),
  required: (operand) => {
    const names = list(operand).map(String);
    return (value) => !isDocument(value) || names.every((name) => Object.hasOwn(value, name));
  },
  properties: (operand) => properties(operand),
  additionalProperties: (operand, schema) => additional(operand, schema),
  enum: (operand) => {
    const allowed = list(operand);
    return (value) => allowed.some((item) => equalValues(item, value));
  },
  minimum: (operand, schema) =>
    whenNumber((value) => (schema.exclusiveMinimum === true ? value > limit(operand) : value >= limit(operand))),
  maximum: (operand, schema) =>
    whenNumber((value) => (schema.exclusiveMaximum === true ? value < limit(operand) : value <= limit(operand))),
  multipleOf: (operand) => whenNumber((value) => value % limit(operand) === 0),
  minLength: (operand) => (value) => typeof value !== 'string' || [...value].length >= limit(operand),
  maxLength: (operand) => (value) => typeof value !== 'string' || [...value].length <= limit(operand),
  pattern: (operand) => {
    const test = pattern(String(operand), '');
    return (value) => typeof value !== 'string' || test(value);
  },
  minItems: (operand) => (value) => !Array.isArray(value) || value.length >= limit(operand),
  maxItems: (operand) => (value) => !Array.isArray(value) || value.length <= limit(operand),
  uniqueItems: (operand) => (value) =>
    operand !== true ||
    !Array.isArray(value) ||
    value.every((item, i) => value.findIndex((other) => equalValues(other, item)) === i),
  items: (operand) => {
    const test = schemaTest(operand);
    return (value) => !Array.isArray(value) || value.every(test);
  },
  minProperties: (operand) => (value) => !isDocument(value) || Object.keys(value).length >= limit(operand),
  maxProperties: (operand) => (value) => !isDocument(value) || Object.keys(value).length <= limit(operand),
  allOf: (operand) => combine(operand, (tests) => (value) => tests.every((test) => test(value))),
  anyOf: (operand) => combine(operand, (tests) => (value) => tests.some((test) => test(value))),
  oneOf: (operand) => combine(operand, (tests) => (value) => tests.filter((test) => test(value)).length === 1),
  not: (operand) => {
    const test = schemaTest(operand);
    return (value) => !test(value);
  },
  exclusiveMinimum: () => () => true,
  exclusiveMaximum: () => () => true,
  title: () => () => true,
  description: () => () => true,
};

/** The test behind `$jsonSchema`: MongoDB's draft 4 keywords without dependencies and pattern properties. */
export function schemaTest(schema: unknown): Test {
  if (!isDocument(schema)) throw failedToParse('$jsonSchema must be an object');
  const tests = Object.entries(schema).map(([name, operand]) => {
    const keyword = KEYWORDS[name];
    if (!keyword) throw failedToParse(`Unknown $jsonSchema keyword: ${name}`);
    return keyword(operand, schema);
  });
  return (value) => tests.every((test) => test(value));
}

function properties(operand: unknown): Test {
  if (!isDocument(operand)) throw failedToParse('$jsonSchema keyword "properties" must be an object');
  const tests = Object.entries(operand).map(([name, schema]) => [name, schemaTest(schema)] as const);
  return (value) =>
    !isDocument(value) || tests.every(([name, test]) => !Object.hasOwn(value, name) || test(getField(value, name)));
}

function additional(operand: unknown, schema: Document): Test {
  if (operand === true) return () => true;
  const known = new Set(Object.keys(isDocument(schema.properties) ? schema.properties : {}));
  const test = operand === false ? () => false : schemaTest(operand);
  return (value) =>
    !isDocument(value) || Object.keys(value).every((name) => known.has(name) || test(getField(value, name)));
}

function combine(operand: unknown, join: (tests: Test[]) => Test): Test {
  return join(list(operand).map(schemaTest));
}
