import { Double, Int32 } from 'bson';
import { getField, isDocument, plain, plainDocument, setField, type Document } from '../bson/document.js';
import type { TopFields } from '../bson/stored.js';
import { asExpressionError } from '../expression/evaluate.js';
import type { DocumentStage } from './document-stages.js';
import { touchedFields } from './needed-fields.js';
import { compileUpdateStage, readStage } from './stages.js';

/** Of more stages than this the rest is read anew. */
const MAX_KEPT = 16;

interface Step {
  stage: unknown;
  run: DocumentStage;
  /** The fields at the top that it looks at or changes; undefined when that may be any. */
  touched: TopFields;
}

/**
 * The steps of the last pipeline, by their place: the statements of a bulk write, and the commands of a service, have most
 * of their stages in common.
 */
const lastSteps: Step[] = [];

/** Reads a pipeline update once for all documents. */
export function compileUpdatePipeline(stages: unknown[], variables: Document): (document: Document) => Document {
  const steps = Object.keys(variables).length > 0 ? compileAll(stages, variables) : keptSteps(stages);
  const touched = touchedByAll(steps);
  return (document) => {
    const given = plainFields(document, touched);
    return keptFields(runAll(steps, given), given, document);
  };
}

function keptSteps(stages: unknown[]): Step[] {
  const known = stages.map((stage, place) => {
    const last = lastSteps[place];
    return last && isSame(last.stage, stage) ? last : undefined;
  });
  const steps = compileAll(stages, {}, known);
  lastSteps.splice(0, MAX_KEPT, ...steps.slice(0, MAX_KEPT));
  return steps;
}

/** All that are not known are checked before the first is compiled: a stage that is none is told of first. */
function compileAll(stages: unknown[], variables: Document, known: (Step | undefined)[] = []): Step[] {
  const plainVariables = plainDocument(variables);
  const read = stages.map((stage, place) => (known[place] ? {} : readStage(stage)));
  return stages.map((stage, place) => known[place] ?? compileStep(stage, read[place] ?? {}, plainVariables));
}

function compileStep(stage: unknown, read: Document, variables: Document): Step {
  return { stage, run: compileUpdateStage(read, variables), touched: touchedFields(read) };
}

function touchedByAll(steps: Step[]): TopFields {
  const all = new Set<string>();
  for (const { touched } of steps) {
    if (!touched) return undefined;
    for (const name of touched) all.add(name);
  }
  return all;
}

function runAll(steps: Step[], given: Document): Document {
  try {
    return steps.reduce((result, { run }) => run(result), given);
  } catch (error) {
    throw asExpressionError(error);
  }
}

/** The same also in the types of numbers; of types that are rare in stages no two values are. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (a instanceof Int32) return b instanceof Int32 && a.value === b.value;
  if (a instanceof Double) return b instanceof Double && Object.is(a.value, b.value);
  if (!isDocument(a) || !isDocument(b)) return false;
  const [names, others] = [Object.keys(a), Object.keys(b)];
  return names.length === others.length && names.every((name, i) => name === others[i] && isSame(a[name], b[name]));
}

/** With numbers as expressions hold them in the fields that the stages may look at or change. */
function plainFields(document: Document, touched: TopFields): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) {
    const value = document[key];
    setField(result, key, touched && !touched.has(key) ? value : plain(value));
  }
  return result;
}

/** A field that is what it was is the document's own again, so that no index looks into it. */
function keptFields(result: Document, given: Document, document: Document): Document {
  if (result === given) return document;
  const kept: Document = {};
  for (const key of Object.keys(result)) {
    const value = result[key];
    // Not by ===: the negative zero is a double, the other one an int32.
    const same = Object.is(value, getField(given, key)) && Object.hasOwn(document, key);
    setField(kept, key, same ? document[key] : value);
  }
  return kept;
}
