import { equalValues } from '../bson/compare.js';
import { encode, isDocument, numberOf, type Document } from '../bson/document.js';
import { badValue, Code, MongoError } from '../errors.js';
import { samePattern } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import { parseNewIndex } from '../storage/index-rules.js';
import { isIdIndex, keyPattern, type IndexSpec } from '../storage/index-spec.js';
import { EJSON } from 'bson';
import { listed } from './clustered.js';
import type { Command } from './command.js';
import { missingField } from './fields.js';

export async function createIndexes(command: Command): Promise<Document> {
  const sources = command.documents('indexes');
  if (sources.length === 0) throw badValue('Must specify at least one index to create');
  return command.store.write(() => {
    const wanted = sources.map(parseNewIndex);
    checkDifferent(wanted);
    const createdCollectionAutomatically = command.collection === undefined;
    const collection = command.ensureCollection();
    const numIndexesBefore = collection.indexes.length;
    const missing = wanted.filter((index) => !exists(collection, index));
    build(command, collection, missing);
    return {
      numIndexesBefore,
      numIndexesAfter: collection.indexes.length,
      createdCollectionAutomatically,
      ...(missing.length === 0 && { note: 'all indexes already exist' }),
      ok: 1,
    };
  });
}

/** Of one command, too, no two indexes have the same name or are the same. */
function checkDifferent(wanted: IndexSpec[]): void {
  for (const [i, index] of wanted.entries()) {
    const same = wanted.slice(0, i).find((other) => other.name === index.name || sameSignature(other, index));
    if (!same) continue;
    const isIdentical = same.name === index.name && sameSignature(same, index);
    if (isIdentical) throw new MongoError(Code.IndexAlreadyExists, `Identical index already exists: ${index.name}`);
    if (same.name !== index.name) throw new MongoError(Code.IndexOptionsConflict, conflict(same, index));
    throw new MongoError(Code.IndexKeySpecsConflict, keyConflict(same, index));
  }
}

/** All of them or none. */
function build(command: Command, collection: Collection, wanted: IndexSpec[]): void {
  const built: IndexSpec[] = [];
  for (const { source } of wanted) {
    const { index, error } = collection.buildIndex(source);
    built.push(index);
    if (error === undefined) continue;
    command.store.discard(built.map(({ id }) => id));
    throw error;
  }
  collection.indexes = [...collection.indexes, ...built];
  command.store.save(collection);
}

/** True when the very same index is there; throws when it is another one of that name, or one of another name. */
function exists(collection: Collection, wanted: IndexSpec): boolean {
  if (isIdIndex(wanted)) return true;
  const named = collection.indexes.find(({ name }) => name === wanted.name);
  if (named && !sameSignature(named, wanted)) {
    throw new MongoError(Code.IndexKeySpecsConflict, keyConflict(named, wanted));
  }
  if (named && sameOptions(named, wanted)) return true;
  const similar = named ?? collection.indexes.find((index) => sameSignature(index, wanted));
  if (!similar) return false;
  throw new MongoError(Code.IndexOptionsConflict, conflict(similar, wanted));
}

function keyConflict(named: IndexSpec, wanted: IndexSpec): string {
  return (
    'An existing index has the same name as the requested index. When index names are not specified, they are auto ' +
    'generated and can cause conflicts. Please refer to our documentation. ' +
    `Requested index: ${show(wanted)}, existing index: ${show(named)}`
  );
}

function conflict(similar: IndexSpec, wanted: IndexSpec): string {
  if (sameOptions(similar, wanted)) return `Index already exists with a different name: ${similar.name}`;
  const name = similar.name === wanted.name ? 'the same name but different options' : 'a different name and options';
  return `An equivalent index already exists with ${name}. Requested index: ${show(wanted)}, existing index: ${show(similar)}`;
}

/** What tells two indexes on the same fields apart. */
function sameSignature(a: IndexSpec, b: IndexSpec): boolean {
  const signature = ({ unique, sparse, partial }: IndexSpec) => [unique, sparse, partial?.source ?? null];
  return samePattern(keyPattern(a), keyPattern(b)) && equalValues(signature(a), signature(b));
}

function sameOptions(a: IndexSpec, b: IndexSpec): boolean {
  const options = ({ source, expireAfterSeconds }: IndexSpec) => [
    expireAfterSeconds ?? null,
    source.hidden ?? false,
    source.weights ?? null,
    source.wildcardProjection ?? null,
  ];
  return equalValues(options(a), options(b));
}

function show({ source }: IndexSpec): string {
  return EJSON.stringify(source);
}

export async function listIndexes(command: Command): Promise<Document> {
  const { collection, namespace } = command;
  if (!collection) throw new MongoError(Code.NamespaceNotFound, `ns does not exist: ${namespace}`);
  const sources = collection.indexes.map((index) => encode(listed(collection, index)));
  const { batchSize } = command.document('cursor');
  return { ...(await command.server.cursors.first(namespace, sources, numberOf(batchSize) ?? Infinity)), ok: 1 };
}

export async function dropIndexes(command: Command): Promise<Document> {
  const { store } = command;
  return store.write(() => {
    const { collection } = command;
    if (!collection) throw new MongoError(Code.NamespaceNotFound, `ns not found ${command.namespace}`);
    const nIndexesWas = collection.indexes.length;
    const wanted = command.value('index');
    if (wanted === undefined) throw missingField('dropIndexes.index');
    const dropped = new Set(select(collection, wanted));
    collection.indexes = collection.indexes.filter((index) => !dropped.has(index));
    store.save(collection);
    store.discard([...dropped].map(({ id }) => id));
    return { nIndexesWas, ok: 1 };
  }, true);
}

function select(collection: Collection, wanted: unknown): IndexSpec[] {
  if (wanted === '*') return collection.indexes.filter((index) => !isIdIndex(index));
  const list: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  return list.map((each) => {
    const found = collection.indexes.find((index) =>
      typeof each === 'string' ? index.name === each : isDocument(each) && samePattern(keyPattern(index), each),
    );
    if (!found) throw notFound(each);
    if (isIdIndex(found)) throw new MongoError(Code.InvalidOptions, 'cannot drop _id index');
    return found;
  });
}

function notFound(wanted: unknown): MongoError {
  const text =
    typeof wanted === 'string'
      ? `index not found with name [${wanted}]`
      : `can't find index with key: ${EJSON.stringify(wanted)}`;
  return new MongoError(Code.IndexNotFound, text);
}
