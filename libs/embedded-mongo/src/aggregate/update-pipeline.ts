import { getField, plain, plainDocument, setField, type Document } from '../bson/document.js';
import type { TopFields } from '../bson/stored.js';
import { touchedFields } from './needed-fields.js';
import { compileUpdateStages, readStages } from './stages.js';

/** Reads a pipeline update once for all documents. */
export function compileUpdatePipeline(stages: unknown[], variables: Document): (document: Document) => Document {
  const read = readStages(stages);
  const run = compileUpdateStages(read, plainDocument(variables));
  const touched = touchedFields(read);
  return (document) => {
    const given = plainFields(document, touched);
    return keptFields(run(given), given, document);
  };
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
    const same = value === getField(given, key) && Object.hasOwn(document, key);
    setField(kept, key, same ? document[key] : value);
  }
  return kept;
}
