import { equalValues } from '../bson/compare.js';
import { getField, isDocument, promote, setField, type Document } from '../bson/document.js';
import { compileUpdateStages, readStages } from './stages.js';

/** What plain values were made of: a value that is the same object afterwards was not changed. */
type Origins = Map<unknown, unknown>;

/** Runs a pipeline update; what it leaves as it was keeps its BSON type. */
export function runUpdatePipeline(stages: unknown[], document: Document, variables: Document): Document {
  const origins: Origins = new Map();
  const plainVariables = plain(variables, new Map());
  const run = compileUpdateStages(readStages(stages), plainVariables as Document);
  const result = run(plain(document, origins) as Document);
  const typed = restoreTypes(result, document, origins);
  return isDocument(typed) ? typed : result;
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
