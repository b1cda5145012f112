import { EJSON } from 'bson';
import type { Options } from 'mingo/types';
import { isDocument, type Document } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { compileExpression } from '../expression/compiled.js';
import { nameOf } from '../expression/operator.js';
import { compileStageProjection } from '../projection/projection.js';
import { flatten, withComputed } from '../projection/set-path.js';
import { variablesOf } from './stage.js';

/** A stage that makes one document of one; it never changes its argument. */
export type DocumentStage = (document: Document) => Document;

function addFields(operand: unknown, options: Options): DocumentStage {
  const fields = isDocument(operand) ? flatten(operand) : [];
  const steps = fields.map(([path, expression]) => ({
    parts: path.split('.'),
    value: compileExpression(expression, options),
  }));
  return (document) =>
    steps.reduce<Document>(
      (result, { parts, value }) => withComputed(result, parts, value(document)) as Document,
      document,
    );
}

/** The expression's document in place of the one that came. */
function newRoot(expression: unknown, options: Options): DocumentStage {
  const rootOf = compileExpression(expression, options);
  return (document) => {
    const value = rootOf(document);
    if (isDocument(value)) return value;
    throw new MongoError(
      40228,
      "'newRoot' expression must evaluate to an object, but resulting value was: " +
        `${value === undefined ? 'MISSING' : EJSON.stringify(value)}. Type of resulting value: '${nameOf(value)}'.`,
    );
  };
}

function unset(operand: unknown): DocumentStage {
  const names: unknown[] = Array.isArray(operand) ? operand : [operand];
  return compileStageProjection(Object.fromEntries(names.map((name) => [String(name), 0])), {});
}

/** The stages that an update may use, too. */
export const DOCUMENT_STAGES: Record<string, (operand: unknown, options: Options) => DocumentStage> = {
  $addFields: addFields,
  $set: addFields,
  $project: (operand, options) => compileStageProjection(isDocument(operand) ? operand : {}, variablesOf(options)),
  $unset: unset,
  $replaceRoot: (operand, options) => newRoot(isDocument(operand) ? operand.newRoot : undefined, options),
  $replaceWith: newRoot,
};
