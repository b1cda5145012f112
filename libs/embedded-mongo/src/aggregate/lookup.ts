import { isDocument, setField, type Document } from '../bson/document.js';
import { failedToParse } from '../errors.js';
import { evaluate } from '../expression/evaluate.js';
import { valueAt } from '../match/path.js';
import { withPath } from '../projection/set-path.js';
import type { Environment, PipelineRun } from './environment.js';

/** `$lookup`: for each document one query on the other collection, which uses its indexes. */
export function lookup(environment: Environment, operand: unknown, run: PipelineRun): (document: Document) => Document {
  if (!isDocument(operand)) throw failedToParse('the $lookup specification must be an Object');
  const { from, localField, foreignField, as, pipeline = [], let: variables = {} } = operand;
  if (typeof as !== 'string') throw failedToParse("must specify 'as' field for a $lookup");
  if (!Array.isArray(pipeline)) throw failedToParse("'pipeline' option must be specified as an array");
  const source = typeof from === 'string' ? from : '';
  const byField = typeof localField === 'string' && typeof foreignField === 'string';
  if (!byField && !('pipeline' in operand))
    throw failedToParse('$lookup requires localField and foreignField, or pipeline');
  return (document) => {
    const bound = {
      ...environment,
      variables: { ...environment.variables, ...evaluateAll(variables, document, environment) },
    };
    const first = byField ? [{ $match: equality(foreignField, valueAt(document, localField.split('.'))) }] : [];
    const joined = [...run(bound, source, [...first, ...pipeline])];
    return withPath(document, as.split('.'), joined) as Document;
  };
}

function evaluateAll(variables: unknown, document: Document, { variables: outer }: Environment): Document {
  const result: Document = {};
  if (!isDocument(variables)) return result;
  for (const [name, expression] of Object.entries(variables))
    setField(result, name, evaluate(expression, document, outer));
  return result;
}

/** The elements of an array are each looked up; a missing value finds what has none. */
function equality(foreignField: string, value: unknown): Document {
  if (Array.isArray(value)) return { [foreignField]: { $in: value } };
  return { [foreignField]: { $eq: value ?? null } };
}
