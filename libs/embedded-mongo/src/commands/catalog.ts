import { Binary } from 'bson';
import { createHash } from 'node:crypto';
import { equalValues } from '../bson/compare.js';
import { encode, getField, isDocument, isTrue, numberOf, type Document } from '../bson/document.js';
import { badValue, Code, MongoError, notImplemented } from '../errors.js';
import { compileFilter } from '../match/filter.js';
import { cappedLimits } from '../storage/capped.js';
import type { Collection } from '../storage/collection.js';
import { isIdIndex, keyPattern, parseIndexSpec, type IndexSpec } from '../storage/index-spec.js';
import { refuseView } from '../storage/views.js';
import { samePattern } from '../query/planner.js';
import { clusteredIndex } from './clustered.js';
import type { Command } from './command.js';
import { refuseCollation } from './find.js';
import { viewOptions } from './views.js';

const KEPT_OPTIONS = ['validator', 'validationLevel', 'validationAction', 'comment', 'changeStreamPreAndPostImages'];
const CAPPED_OPTIONS = ['capped', 'size', 'max'];
const REFUSED_OPTIONS = ['timeseries', 'encryptedFields', 'expireAfterSeconds'];

/** The same again is no error, as in MongoDB 7.0; another collection of that name is. */
export async function create(command: Command): Promise<Document> {
  refuseCollation(command.value('collation'));
  checkValidation(command);
  for (const option of REFUSED_OPTIONS)
    if (command.flag(option)) throw notImplemented(`the option '${option}' of create`);
  const options: Document = {};
  for (const name of KEPT_OPTIONS) if (command.value(name) !== undefined) options[name] = command.value(name);
  if (isDocument(options.validator)) compileFilter(options.validator);
  if (command.value('clusteredIndex') !== undefined) {
    options.clusteredIndex = clusteredIndex(command.document('clusteredIndex'));
  }
  if (command.flag('capped')) {
    for (const name of CAPPED_OPTIONS) if (command.value(name) !== undefined) options[name] = command.value(name);
    const { bytes } = cappedLimits(options) ?? {};
    options.size = bytes;
  }
  const { database, collectionName } = command;
  const isView = command.value('viewOn') !== undefined;
  await command.store.write(() => {
    if (isView) Object.assign(options, viewOptions(command));
    const existing = command.named;
    if (!existing) return command.store.create(database, collectionName, options);
    if (equalValues(existing.options, options)) return existing;
    throw new MongoError(Code.NamespaceExists, `Collection ${command.namespace} already exists.`);
  });
  return { ok: 1 };
}

/** Dropping what is not there succeeds, as in MongoDB 7.0. */
export async function drop(command: Command): Promise<Document> {
  return command.store.write(() => {
    const { named } = command;
    if (!named) return { ok: 1 };
    command.store.drop(named);
    return { ...(!named.isView && { nIndexesWas: named.indexes.length }), ns: command.namespace, ok: 1 };
  }, true);
}

export async function dropDatabase(command: Command): Promise<Document> {
  return command.store.write(() => {
    const collections = command.store.collectionsOf(command.database);
    for (const collection of collections) command.store.drop(collection);
    return { ...(collections.length > 0 && { dropped: command.database }), ok: 1 };
  }, true);
}

export async function renameCollection(command: Command): Promise<Document> {
  const from = splitNamespace(command.value('renameCollection'));
  const to = splitNamespace(command.value('to'));
  await command.store.write(() => {
    const source = refuseView(command.store.collection(from.database, from.name));
    const target = command.store.collection(to.database, to.name);
    if (!source) throw new MongoError(Code.NamespaceNotFound, `Source collection ${from.full} does not exist`);
    if (source === target) throw new MongoError(Code.IllegalOperation, "Can't rename a collection to itself");
    if (target && !command.flag('dropTarget')) {
      throw new MongoError(Code.NamespaceExists, 'target namespace exists');
    }
    if (target) command.store.drop(target);
    command.store.rename(source, to.database, to.name);
  });
  return { ok: 1 };
}

function splitNamespace(value: unknown): { database: string; name: string; full: string } {
  const full = typeof value === 'string' ? value : '';
  const dot = full.indexOf('.');
  if (dot <= 0) throw new MongoError(Code.InvalidNamespace, `Invalid namespace specified '${full}'`);
  return { database: full.slice(0, dot), name: full.slice(dot + 1), full };
}

export async function listCollections(command: Command): Promise<Document> {
  const filter = compileFilter(command.document('filter'));
  const nameOnly = command.flag('nameOnly');
  const found = command.store
    .collectionsOf(command.database)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(describe)
    .filter((description) => filter.matches(description))
    .map((description) => (nameOnly ? { name: description.name, type: description.type } : description));
  const { batchSize } = command.document('cursor');
  const namespace = `${command.database}.$cmd.listCollections`;
  return {
    ...(await command.server.cursors.first(namespace, found.map(encode), numberOf(batchSize) ?? Infinity)),
    ok: 1,
  };
}

function describe({ identity, name, options, isView }: Collection): Document {
  if (isView) return { name, type: 'view', options, info: { readOnly: true } };
  const digest = createHash('md5').update(String(identity)).digest();
  const uuid = new Binary(digest, Binary.SUBTYPE_UUID);
  const idIndex = !('clusteredIndex' in options) && { idIndex: { v: 2, key: { _id: 1 }, name: '_id_' } };
  return { name, type: 'collection', options, info: { readOnly: false, uuid }, ...idIndex };
}

export function listDatabases(command: Command): Document {
  const filter = compileFilter(command.document('filter'));
  const names = [...new Set(command.store.all().map(({ database }) => database))].toSorted();
  const databases = names
    .map((name) => ({ name, sizeOnDisk: 0, empty: false }))
    .filter((database) => filter.matches(database));
  if (command.flag('nameOnly')) return { databases: databases.map(({ name }) => ({ name })), ok: 1 };
  return { databases, totalSize: 0, totalSizeMb: 0, ok: 1 };
}

const VALIDATION = { validationAction: ['error', 'warn'], validationLevel: ['strict', 'moderate', 'off'] };

function checkValidation(command: Command): void {
  for (const [name, known] of Object.entries(VALIDATION)) {
    const value = command.value(name);
    if (value === undefined || (typeof value === 'string' && known.includes(value))) continue;
    throw badValue(`Enumeration value '${String(value)}' for field '${name}' is not a valid value.`);
  }
}

/** Validation rules, and the expiry or visibility of one index. */
export async function collMod(command: Command): Promise<Document> {
  const { store } = command;
  checkValidation(command);
  return store.write(() => {
    const collection = command.named;
    if (!collection) throw new MongoError(Code.NamespaceNotFound, `ns does not exist: ${command.namespace}`);
    const options = { ...collection.options, ...changedView(command, collection) };
    for (const name of KEPT_OPTIONS) if (command.value(name) !== undefined) options[name] = command.value(name);
    const changed = isDocument(command.value('index')) ? changeIndex(collection, command.document('index')) : {};
    collection.setOptions(options);
    store.save(collection);
    return { ...changed, ok: 1 };
  });
}

function changedView(command: Command, { isView, options }: Collection): Document {
  if (isView) return viewOptions(command, options);
  if (command.value('viewOn') === undefined && command.value('pipeline') === undefined) return {};
  throw new MongoError(Code.InvalidOptions, `ns ${command.namespace} is a collection, not a view`);
}

function changeIndex(collection: Collection, change: Document): Document {
  const wanted = getField(change, 'keyPattern') ?? getField(change, 'name');
  const index = collection.indexes.find((each) =>
    typeof wanted === 'string' ? each.name === wanted : samePattern(keyPattern(each), wanted),
  );
  if (!index) throw new MongoError(Code.IndexNotFound, `cannot find index for ns ${collection.namespace}`);
  if (isIdIndex(index)) throw badValue('cannot change the _id index');
  for (const name of ['unique', 'prepareUnique']) {
    if (name in change)
      throw new MongoError(Code.InvalidOptions, `an index cannot be made ${name} here: create it anew`);
  }
  const [seconds, hidden] = [getField(change, 'expireAfterSeconds'), getField(change, 'hidden')];
  const source = { ...index.source, ...(seconds !== undefined && { expireAfterSeconds: seconds }) };
  if (hidden !== undefined) Object.assign(source, { hidden: isTrue(hidden) });
  const next: IndexSpec = parseIndexSpec(source, index.id, index.multikey);
  collection.indexes = collection.indexes.map((each) => (each === index ? next : each));
  const wasHidden = isTrue(getField(index.source, 'hidden'));
  return {
    ...(seconds !== undefined && {
      expireAfterSeconds_old: index.expireAfterSeconds,
      expireAfterSeconds_new: next.expireAfterSeconds,
    }),
    ...(hidden !== undefined && { hidden_old: wasHidden, hidden_new: isTrue(hidden) }),
  };
}
