import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EJSON } from 'bson';
import { MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { startEmbeddedMongo, type EmbeddedMongo } from '#embedded-mongo';
import { givenServers } from '#testing';
import { differentialRun } from '../config.js';
import { inFerretDbsSense } from './dialect.js';
import { ask, contents, explanation, renames, textOf, withoutEmptyFields } from './compare.js';
import { COLLECTIONS, operation } from './operations.js';
import { Random } from './random.js';
import { indexes } from './services.js';
import { document } from './values.js';

const { mongodbUri } = givenServers();
const { operations, seed } = differentialRun();
/** More differences than these are not looked for. */
const MOST_REPORTED = 20;

const title = `${operations} random commands from seed ${seed}`;
const suite = mongodbUri === undefined ? describe.skip : describe;

suite(`${title} have the same results on the embedded database and on the one of MONGODB_URI`, () => {
  let folder: string;
  let server: EmbeddedMongo;
  const clients: MongoClient[] = [];
  let [embedded, given]: [Db | undefined, Db | undefined] = [undefined, undefined];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-mongo-'));
    server = await startEmbeddedMongo({ dataDir: folder });
    clients.push(await MongoClient.connect(server.uri), await MongoClient.connect(mongodbUri ?? ''));
    const name = `differential-${process.pid}-${Date.now()}`;
    [embedded, given] = clients.map((client) => client.db(name));
  });

  afterAll(async () => {
    await given?.dropDatabase();
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('or differ for a reason that is written down', async () => {
    if (!embedded || !given) throw new Error('not connected');
    expect(await differences({ embedded, given }, new Random(seed))).toEqual([]);
  }, 3_600_000);
});

interface Both {
  readonly embedded: Db;
  readonly given: Db;
}

async function differences(both: Both, random: Random): Promise<string[]> {
  const found: string[] = [];
  await prepare(both, random);
  for (let i = 0; i < operations && found.length < MOST_REPORTED; i++) {
    const command = operation(random);
    const [embedded, given] = await Promise.all([ask(both.embedded, command), ask(both.given, command)]);
    const reason = explanation({ command, embedded, given });
    const differs = reason === undefined && textOf(embedded) !== textOf(given);
    if (differs && !(await isMeantOtherwise(both, command, given))) found.push(report(i, command, embedded, given));
    const unequal = isWrite(command) && (await compareContents(both, command, reason?.diverges === true));
    if (unequal) found.push(report(i, command, unequal[0], unequal[1]));
  }
  return found;
}

/** FerretDB answers what the embedded database does when it is asked in FerretDB's sense. */
async function isMeantOtherwise(both: Both, command: Document, given: Document): Promise<boolean> {
  for (const other of inFerretDbsSense(command)) {
    const embedded = await ask(both.embedded, other);
    if (textOf(embedded) === textOf(given) || explanation({ command, embedded, given }) !== undefined) return true;
  }
  return false;
}

async function prepare({ embedded, given }: Both, random: Random): Promise<void> {
  const others = Array.from({ length: 8 }, (_, i) => document(random, i));
  for (const database of [embedded, given]) {
    const [main, service] = [database.collection(COLLECTIONS.main), database.collection(COLLECTIONS.service)];
    await main.createIndex({ n: 1, s: -1 });
    await main.createIndex({ tags: 1 });
    await main.createIndex({ 'lines.sku': 1, at: 1 });
    await main.createIndex({ 'sub.x': 1 });
    for (const [key, options] of indexes) await service.createIndex(key, options);
    await typed(database, COLLECTIONS.other).insertMany(others);
  }
}

const typed = (database: Db, name: string): Collection<Document> => database.collection<Document>(name);
const WRITES = ['insert', 'update', 'delete', 'findAndModify'];
const isWrite = (command: Document): boolean => WRITES.some((name) => name in command);
const collectionOf = (command: Document): string => String(Object.values(command)[0]);

/** The first documents that differ. Afterwards both are equal again, so that one difference does not become many. */
async function compareContents({ embedded, given }: Both, command: Document, explained: boolean) {
  const name = collectionOf(command);
  const [a, b] = await Promise.all([contents(embedded, name), contents(given, name)]);
  if (a === b) return undefined;
  await typed(embedded, name).deleteMany({});
  const documents = await typed(given, name).find({}, { promoteValues: false }).toArray();
  if (documents.length > 0) await typed(embedded, name).insertMany(documents);
  if (explained) return undefined;
  if (renames(command) && withoutEmptyFields(a) === withoutEmptyFields(b)) return undefined;
  const [left, right]: Document[][] = [EJSON.parse(a, { relaxed: false }), EJSON.parse(b, { relaxed: false })];
  const at = (left ?? []).findIndex((item, i) => EJSON.stringify(item) !== EJSON.stringify(right?.[i]));
  return [left?.[at] ?? {}, right?.[at] ?? {}] as const;
}

const report = (i: number, command: Document, embedded: Document, given: Document): string =>
  [`#${i}`, command, embedded, given]
    .map((part) => (typeof part === 'string' ? part : EJSON.stringify(part, { relaxed: false })))
    .join('\n');
