import { getField, isDocument, type Document } from '../bson/document.js';
import { badValue, failedToParse, MongoError } from '../errors.js';
import { evaluate } from '../expression/evaluate.js';
import { compileFilter } from '../match/filter.js';
import { valueAt } from '../match/path.js';
import { execute, type Hit } from '../query/execute.js';
import { planQuery } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import { samePattern } from '../query/planner.js';
import { duplicateKey } from '../storage/duplicate-key.js';
import { keyPattern, type IndexSpec } from '../storage/index-spec.js';
import { refuseView } from '../storage/views.js';
import type { Environment } from './environment.js';
import { compileUpdatePipeline } from './update-pipeline.js';

/** What a pipeline ends in when its results are stored. `write` runs inside `Store.write`. */
export interface Output {
  write(results: Document[], environment: Environment): void;
}

interface Target {
  database: string;
  collection: string;
}

/** `$out` or `$merge` at the end; undefined when the results go to the client. Throws when one stands elsewhere. */
export function outputOf(stages: Document[], database: string): Output | undefined {
  const names = stages.map((stage) => Object.keys(stage)[0]);
  const misplaced = names.slice(0, -1).find((name) => name === '$out' || name === '$merge');
  if (misplaced) throw new MongoError(40601, `${misplaced} can only be the final stage in the pipeline`);
  const last = stages.at(-1);
  if (last && '$out' in last) return replaceCollection(targetOf(last.$out, database));
  if (last && '$merge' in last) return mergeInto(last.$merge, database);
  return undefined;
}

function targetOf(value: unknown, database: string): Target {
  if (typeof value === 'string') return { database, collection: value };
  if (isDocument(value) && typeof value.coll === 'string') {
    return { database: typeof value.db === 'string' ? value.db : database, collection: value.coll };
  }
  throw failedToParse('the output stage needs the name of a collection');
}

/** The collection keeps its indexes; its documents are replaced, all of them or, when one of the new ones fails, none. */
function replaceCollection(target: Target): Output {
  return {
    write(results, { store }) {
      const { database, collection: name } = target;
      const old = refuseView(store.collection(database, name));
      const sources = old?.indexes.slice(1).map(({ source }) => source) ?? [];
      if (old) store.rename(old, database, `tmp.agg_out.${old.id}`);
      const made = store.create(database, name, old?.options);
      try {
        made.indexes = [...made.indexes, ...sources.map((source) => made.buildIndex(source).index)];
        store.save(made);
        for (const document of results) made.insert(document);
      } catch (error) {
        store.drop(made);
        if (old) store.rename(old, database, name);
        throw error;
      }
      if (old) store.drop(old);
    },
  };
}

interface Merge {
  on: string[];
  matched: unknown;
  notMatched: unknown;
  variables: unknown;
}

const WHEN_MATCHED: unknown[] = ['replace', 'keepExisting', 'merge', 'fail'];
const WHEN_NOT_MATCHED: unknown[] = ['insert', 'discard', 'fail'];

function known(field: string, value: unknown, values: unknown[]): void {
  if (values.includes(value)) return;
  throw badValue(`Enumeration value '${String(value)}' for field '$merge.${field}' is not a valid value.`);
}

function mergeInto(operand: unknown, database: string): Output {
  const options: Document = isDocument(operand) ? operand : { into: operand };
  const target = targetOf(options.into, database);
  const { on = '_id', whenMatched = 'merge', whenNotMatched = 'insert' } = options;
  if (!Array.isArray(whenMatched)) known('whenMatched', whenMatched, WHEN_MATCHED);
  known('whenNotMatched', whenNotMatched, WHEN_NOT_MATCHED);
  const merge: Merge = {
    on: (Array.isArray(on) ? on : [on]).map(String),
    matched: whenMatched,
    notMatched: whenNotMatched,
    variables: options.let,
  };
  return {
    write(results, environment) {
      const { store } = environment;
      const collection = refuseView(store.collection(target.database, target.collection));
      const into = collection ?? store.create(target.database, target.collection);
      uniqueIndex(into, merge.on);
      for (const document of results) mergeOne(into, document, merge, environment);
    },
  };
}

function uniqueIndex(collection: Collection, on: string[]): IndexSpec {
  const wanted = on.toSorted();
  const found = collection.indexes.find(
    (index) =>
      index.unique && !index.partial && samePattern({ f: Object.keys(keyPattern(index)).toSorted() }, { f: wanted }),
  );
  if (!found) throw new MongoError(51183, 'Cannot find index to verify that join fields will be unique');
  return found;
}

function mergeOne(collection: Collection, document: Document, merge: Merge, environment: Environment): void {
  const hit = existing(collection, document, merge.on, environment);
  if (!hit) {
    if (merge.notMatched === 'fail') throw new MongoError(13113, '$merge could not find a matching document');
    if (merge.notMatched !== 'discard') collection.insert(document);
    return;
  }
  const { matched } = merge;
  if (matched === 'keepExisting') return;
  // As the insertion fails that MongoDB tries.
  if (matched === 'fail') throw duplicateKey(collection.namespace, uniqueIndex(collection, merge.on), document);
  collection.replace(hit.record, hit.document, merged(hit, document, merge), hit.bytes);
}

function merged({ document: old }: Hit, next: Document, { matched, variables }: Merge): Document {
  if (matched === 'replace') return { ...next, _id: old._id };
  if (Array.isArray(matched)) return compileUpdatePipeline(matched, variablesFor(next, variables))(old);
  return { ...old, ...next, _id: old._id };
}

/** What `let` says of the new document; without it that document is `$$new`. */
function variablesFor(next: Document, given: unknown): Document {
  const values = isDocument(given) ? evaluate(given, next) : {};
  return { new: next, ...(isDocument(values) && values) };
}

function existing(
  collection: Collection,
  document: Document,
  on: string[],
  { deadline }: Environment,
): Hit | undefined {
  const conditions = on.map((path) => {
    const value = path.includes('.') ? valueAt(document, path.split('.')) : getField(document, path);
    return { [path]: { $eq: value ?? null } };
  });
  if (on.length === 1 && on[0] === '_id' && !Object.hasOwn(document, '_id')) return undefined;
  const filter = compileFilter({ $and: conditions });
  const plan = planQuery(collection, { filter, sort: [] });
  for (const hit of execute({ collection, filter, plan, deadline })) return hit;
  return undefined;
}
