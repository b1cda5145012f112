import { OpType } from 'mingo/core';
import { concat, Iterator, Lazy } from 'mingo/lazy';
import * as pipelineStages from 'mingo/operators/pipeline';
import type { AnyObject, Options } from 'mingo/types';
import { isDocument, plainDocument, type Document } from '../bson/document.js';
import { Code, failedToParse, MongoError } from '../errors.js';
import { asExpressionError, evaluationOptions } from '../expression/evaluate.js';
import { DOCUMENT_STAGES, type DocumentStage } from './document-stages.js';
import type { Environment, PipelineRun } from './environment.js';
import { withElementGroups } from './element-groups.js';
import { graphLookup } from './graph-lookup.js';
import { lookup } from './lookup.js';
import { GIVING_WAY, OWN_STAGES } from './own-stages.js';
import { iterate, variablesOf, type Stage } from './stage.js';
import { checkOperand } from './stage-checks.js';

/** A stage that is mingo's as it is. */
function mingoStage(name: string): Stage {
  return (documents, operand, options) => {
    const step = options.context.getOperator(OpType.PIPELINE, name);
    const results: unknown = step?.(documents, operand, options);
    if (results instanceof Iterator) return results;
    throw new MongoError(Code.UnrecognizedStage, `Unrecognized pipeline stage name: '${name}'`);
  };
}

/** Stages that read other collections, or run pipelines inside themselves. */
function readingStages(environment: Environment, run: PipelineRun): Record<string, Stage> {
  const within = (options: Options): Environment => ({ ...environment, variables: variablesOf(options) });
  return {
    $lookup: (documents, operand, options) => documents.map(lookup(within(options), operand, run)),
    $unionWith: (documents, operand, options) => concat(documents, Lazy(union(within(options), operand, run))),
    $graphLookup: graphLookup(environment, run),
    $facet: (documents, operand, options) =>
      documents.transform((items: Document[]) => {
        const facets = Object.entries(operand).map(([name, pipeline]): [string, Document[]] => [
          name,
          [...runStages(items, readStages(pipeline), within(options), run)].filter((item) => item !== undefined),
        ]);
        return Lazy([Object.fromEntries(facets)]);
      }),
  };
}

function union(environment: Environment, operand: unknown, run: PipelineRun): Iterable<Document> {
  const { coll, pipeline = [] } = isDocument(operand) ? operand : { coll: operand };
  if (typeof coll !== 'string' || !Array.isArray(pipeline)) throw failedToParse('$unionWith needs a collection');
  return run(environment, coll, pipeline);
}

/**
 * Runs stages over documents whose numbers are plain; results come as they are taken. Undefined among the documents says
 * that others should have their turn; it is handed on as far as the stages know it.
 */
export function* runStages(
  documents: Iterable<Document | undefined>,
  stages: Document[],
  environment: Environment,
  run: PipelineRun,
): Generator<Document | undefined> {
  const reading = readingStages(environment, run);
  const options = evaluationOptions(environment.variables);
  try {
    const results = withElementGroups(stages).reduce((stream, stage) => {
      const [name = ''] = Object.keys(stage);
      const step = reading[name] ?? OWN_STAGES[name] ?? mingoStage(name);
      return step(GIVING_WAY.has(name) ? stream : stream.filter(isPresent), stage[name] as AnyObject, options);
    }, Lazy(documents));
    yield* iterate(results);
  } catch (error) {
    throw asExpressionError(error);
  }
}

const isPresent = (document: unknown): boolean => document !== undefined;

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

/** A stage of a pipeline update as a step on documents with plain numbers. */
export function compileUpdateStage(stage: Document, variables: Document): DocumentStage {
  const [name = ''] = Object.keys(stage);
  const compile = Object.hasOwn(DOCUMENT_STAGES, name) ? DOCUMENT_STAGES[name] : undefined;
  if (!compile) throw new MongoError(Code.InvalidOptions, `${name} is not allowed to be used within an update`);
  return compile(stage[name], evaluationOptions(variables));
}

/** Stages as documents with plain numbers. */
export function readStages(pipeline: unknown): Document[] {
  if (!Array.isArray(pipeline))
    throw new MongoError(Code.TypeMismatch, "'pipeline' option must be specified as an array");
  const stages = pipeline.map(readStage);
  const misplaced = stages.slice(1).flatMap(Object.keys).find(isSource);
  if (misplaced !== undefined) {
    throw new MongoError(40602, `${misplaced} is only valid as the first stage in a pipeline`);
  }
  return stages;
}

const isSource = (name: string): boolean => SOURCES.has(name) || name === '$documents';

export function readStage(stage: unknown): Document {
  if (!isDocument(stage))
    throw new MongoError(Code.TypeMismatch, 'Each element of the pipeline array must be an object');
  checkStage(stage);
  return plainDocument(stage);
}
