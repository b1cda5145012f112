import { equalValues } from '../bson/compare.js';
import { getField, isDocument, promote, setField, type Document } from '../bson/document.js';
import type { TopFields } from '../bson/stored.js';
import { touchedFields } from './needed-fields.js';
import { compileUpdateStages, readStages } from './stages.js';

/** What plain values were made of: a value that is the same object afterwards was not changed. */
type Origins = Map<unknown, unknown>;

/** Reads a pipeline update once for all documents; what it leaves as it was keeps its BSON type. */
export function compileUpdatePipeline(stages: unknown[], variables: Document): (document: Document) => Document {
  const plainVariables = plain(variables, new Map());
  const read = readStages(stages);
  const run = compileUpdateStages(read, plainVariables as Document);
  const touched = touchedFields(read);
  return (document) => {
    const origins: Origins = new Map();
    const result = run(plainFields(document, origins, touched));
    return restoreFields(result, document, origins, touched);
  };
}

/** With plain numbers in the fields that the stages may look at or change. */
function plainFields(document: Document, origins: Origins, touched: TopFields): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) {
    const value = document[key];
    setField(result, key, touched && !touched.has(key) ? value : plain(value, origins));
  }
  origins.set(result, document);
  return result;
}

function restoreFields(value: Document, original: Document, origins: Origins, touched: TopFields): Document {
  const origin = origins.get(value);
  if (isDocument(origin)) return origin;
  const result: Document = {};
  for (const key of Object.keys(value)) {
    const next = value[key];
    const restored = touched && !touched.has(key) ? next : restoreTypes(next, getField(original, key), origins);
    setField(result, key, restored);
  }
  return result;
}

/** With plain numbers in place of BSON's, as mingo takes them. */
function plain(value: unknown, origins: Origins): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const result = plainCopy(value, origins);
  if (typeof result === 'object') origins.set(result, value);
  return result;
}

function plainCopy(value: object, origins: Origins): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, origins));
  if (!isDocument(value)) return promote(value);
  const result: Document = {};
  for (const key of Object.keys(value)) setField(result, key, plain(value[key], origins));
  return result;
}

/** mingo computes with plain numbers: an unchanged int64 or double must not come back as an int32. */
function restoreTypes(value: unknown, original: unknown, origins: Origins): unknown {
  if (typeof value === 'object' && value !== null) {
    const origin = origins.get(value);
    if (origin !== undefined) return origin;
  } else {
    return value === original || equalValues(value, original) ? original : value;
  }
  if (Array.isArray(value)) {
    const before: unknown[] = Array.isArray(original) ? original : [];
    return value.map((item: unknown, i) => restoreTypes(item, sameNumber(item, before) ?? before[i], origins));
  }
  if (!isDocument(value)) return value;
  const before = isDocument(original) ? original : {};
  const result: Document = {};
  for (const key of Object.keys(value)) setField(result, key, restoreTypes(value[key], getField(before, key), origins));
  return result;
}

/** A number may have moved within its array. */
function sameNumber(item: unknown, before: unknown[]): unknown {
  return typeof item === 'number' ? before.find((other) => equalValues(other, item)) : undefined;
}
