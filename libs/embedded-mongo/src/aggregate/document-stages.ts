import { EJSON } from 'bson';
import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { isDocument, type Document } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { nameOf } from '../expression/operator.js';
import { compileStageProjection } from '../projection/projection.js';
import { flatten, withComputed } from '../projection/set-path.js';
import { variablesOf } from './stage.js';

/** A stage that makes one document of one; it never changes its argument. */
export type DocumentStage = (document: Document) => Document;

function addFields(operand: unknown, options: Options): DocumentStage {
  const fields = isDocument(operand) ? flatten(operand) : [];
  const steps = fields.map(([path, expression]) => ({ parts: path.split('.'), expression }));
  return (document) =>
    steps.reduce<Document>(
      (result, { parts, expression }) =>
        withComputed(result, parts, evalExpr(document, expression, options)) as Document,
      document,
    );
}

/** The expression's document in place of the one that came. */
function newRoot(expression: unknown, options: Options): DocumentStage {
  return (document) => {
    const value: unknown = evalExpr(document, expression, options);
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
