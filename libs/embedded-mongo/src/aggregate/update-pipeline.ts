import { equalValues } from '../bson/compare.js';
import { getField, isDocument, promoteDocument, setField, type Document } from '../bson/document.js';
import { readStages, runUpdateStages } from './stages.js';

/** Runs a pipeline update; what it leaves as it was keeps its BSON type. */
export function runUpdatePipeline(stages: unknown[], document: Document, variables: Document): Document {
  const result = runUpdateStages(readStages(stages), promoteDocument(document), promoteDocument(variables));
  const typed = restoreTypes(result, document);
  return isDocument(typed) ? typed : result;
}

/** mingo computes with plain numbers: an unchanged int64 or double must not come back as an int32. */
function restoreTypes(value: unknown, original: unknown): unknown {
  if (equalValues(value, original)) return original;
  if (Array.isArray(value) && Array.isArray(original)) {
    return value.map((item: unknown, i) => {
      const same: unknown = original.find((other) => equalValues(other, item));
      return same === undefined ? restoreTypes(item, original[i]) : same;
    });
  }
  if (!isDocument(value) || !isDocument(original)) return value;
  const result: Document = {};
  for (const key of Object.keys(value)) setField(result, key, restoreTypes(value[key], getField(original, key)));
  return result;
}
