import { Aggregator } from 'mingo/aggregator';
import { Context } from 'mingo/core';
import { concat, Lazy } from 'mingo/lazy';
import * as pipelineStages from 'mingo/operators/pipeline';
import * as queries from 'mingo/operators/query';
import * as windows from 'mingo/operators/window';
import { isDocument, promoteDocument, type Document } from '../bson/document.js';
import { Code, failedToParse, MongoError } from '../errors.js';
import {
  accumulatorOperators,
  asExpressionError,
  evaluationOptions,
  expressionOperators,
  expressionOptions,
} from '../expression/evaluate.js';
import { DOCUMENT_STAGES } from './document-stages.js';
import type { Environment, PipelineRun } from './environment.js';
import { lookup } from './lookup.js';
import { OWN_STAGES } from './own-stages.js';
import { variablesOf, type Stage } from './stage.js';
import { checkOperand } from './stage-checks.js';

/** A mingo context with MongoDB's own stages, also those that read other collections. */
function contextFor(environment: Environment, run: PipelineRun): Context {
  const reading: Record<string, Stage> = {
    $lookup: (documents, operand, options) =>
      documents.map(lookup({ ...environment, variables: variablesOf(options) }, operand, run)),
    $unionWith: (documents, operand, options) =>
      concat(documents, Lazy(union({ ...environment, variables: variablesOf(options) }, operand, run))),
  };
  return Context.init({
    accumulator: accumulatorOperators,
    expression: expressionOperators,
    pipeline: { ...pipelineStages, ...OWN_STAGES, ...reading },
    query: queries,
    window: windows,
  });
}

function union(environment: Environment, operand: unknown, run: PipelineRun): Iterable<Document> {
  const { coll, pipeline = [] } = isDocument(operand) ? operand : { coll: operand };
  if (typeof coll !== 'string' || !Array.isArray(pipeline)) throw failedToParse('$unionWith needs a collection');
  return run(environment, coll, pipeline);
}

/** Runs stages over documents whose numbers are plain; results come as they are taken. */
export function* runStages(
  documents: Iterable<Document>,
  stages: Document[],
  environment: Environment,
  run: PipelineRun,
): Generator<Document> {
  const collectionResolver = (name: string) => [...run(environment, name, [])];
  const options = { ...expressionOptions(contextFor(environment, run), environment.variables), collectionResolver };
  try {
    const results = new Aggregator(stages, options).stream(documents);
    for (let next = results.next(); !next.done; next = results.next()) yield next.value as Document;
  } catch (error) {
    throw asExpressionError(error);
  }
}

function checkStage(stage: Document): void {
  const names = Object.keys(stage);
  const [name = ''] = names;
  if (names.length !== 1) {
    throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
  }
  if (name === '$changeStream') {
    throw new MongoError(Code.ChangeStreamUnsupported, 'The $changeStream stage is only supported on replica sets');
  }
  if (!Object.hasOwn(pipelineStages, name) && !SOURCES.has(name)) {
    throw new MongoError(Code.UnrecognizedStage, `Unrecognized pipeline stage name: '${name}'`);
  }
  checkOperand(name, stage[name]);
}

/** Stages that are no step on documents: they come first. */
const SOURCES = new Set(['$indexStats', '$collStats', '$geoNear', '$currentOp', '$listSessions', '$listLocalSessions']);
['$planCacheStats', '$search', '$searchMeta', '$vectorSearch'].forEach((name) => SOURCES.add(name));

/** The stages of a pipeline update as one step on documents with plain numbers. */
export function compileUpdateStages(stages: Document[], variables: Document): (document: Document) => Document {
  const options = evaluationOptions(variables);
  const steps = stages.map((stage) => {
    const [name = ''] = Object.keys(stage);
    const compile = Object.hasOwn(DOCUMENT_STAGES, name) ? DOCUMENT_STAGES[name] : undefined;
    if (!compile) throw new MongoError(Code.InvalidOptions, `${name} is not allowed to be used within an update`);
    return compile(stage[name], options);
  });
  return (document) => {
    try {
      return steps.reduce((result, step) => step(result), document);
    } catch (error) {
      throw asExpressionError(error);
    }
  };
}

/** Stages as documents with plain numbers. */
export function readStages(pipeline: unknown): Document[] {
  if (!Array.isArray(pipeline))
    throw new MongoError(Code.TypeMismatch, "'pipeline' option must be specified as an array");
  return pipeline.map((stage: unknown) => {
    if (!isDocument(stage))
      throw new MongoError(Code.TypeMismatch, 'Each element of the pipeline array must be an object');
    checkStage(stage);
    return promoteDocument(stage);
  });
}
