import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe } from '@jest/globals';
import { MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { startEmbeddedMongo, type EmbeddedMongo } from '#embedded-mongo';
import { givenServers } from '#testing';

/** The server under test, as features see it. */
export interface Target {
  readonly uri: string;
  readonly client: MongoClient;
  /** A database of its own, dropped at the end. */
  readonly database: Db;
  /** A new collection's name for each test. */
  readonly name: string;
  readonly things: Collection<Document>;
  /** FerretDB differs from MongoDB's documentation here and there; such a test says so. */
  readonly isFerretDb: boolean;
}

/** Runs the features on the embedded database, and on the one of MONGODB_URI when it is given. */
export function describeServers(features: (target: () => Target) => void): void {
  const { mongodbUri } = givenServers();
  describe('the embedded database', () => features(targetOf(undefined)));
  if (mongodbUri !== undefined) describe('the database of MONGODB_URI', () => features(targetOf(mongodbUri)));
}

function targetOf(givenUri: string | undefined): () => Target {
  let [folder, server, target]: [string?, EmbeddedMongo?, Target?] = [];
  let last = 0;

  beforeAll(async () => {
    if (givenUri === undefined) {
      folder = await mkdtemp(join(tmpdir(), 'embedded-mongo-'));
      server = await startEmbeddedMongo({ dataDir: folder, ttlSweepMs: 200 });
    }
    const uri = givenUri ?? server?.uri ?? '';
    const client = await MongoClient.connect(uri);
    const database = client.db(`conformance-${process.pid}-${Date.now()}`);
    const { ferretdb } = await database.admin().buildInfo();
    target = {
      uri,
      client,
      database,
      name: '',
      things: database.collection(''.padEnd(1, 'c')),
      isFerretDb: !!ferretdb,
    };
  }, 60_000);

  beforeEach(() => {
    if (!target) throw new Error('no server');
    const name = `c${++last}`;
    target = { ...target, name, things: target.database.collection(name) };
  });

  afterAll(async () => {
    await target?.database.dropDatabase();
    await target?.client.close();
    await server?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  return () => {
    if (!target) throw new Error('no server');
    return target;
  };
}

/** What a command fails with: code, and what else is of interest. @throws when it does not fail. */
export async function failure(promise: Promise<unknown>): Promise<Document> {
  try {
    await promise;
  } catch (error) {
    return error as Document;
  }
  throw new Error('it did not fail');
}
