import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mongoose';
import { KafkaMessageBus } from '#messaging';
import { givenServers } from './config.js';

/** A broker that a test can take away. Only where it is embedded. */
export interface BrokerControls {
  /** Requests stay unanswered until it resumes. */
  pause(): void | Promise<void>;
  resume(): void | Promise<void>;
  /** Ends it; connections break. */
  stop(): Promise<void>;
  /** Starts it again with the same data, at the same address. */
  start(): Promise<void>;
}

export interface TestServers {
  readonly kafkaBrokers: string[];
  readonly mongodbUri: string;
  /** Fresh at each call: a prefix for topics, groups and databases. */
  readonly namespace: string;
  /** Whether both servers were started here. */
  readonly embedded: boolean;
  readonly broker?: BrokerControls;
  /** Drops what the namespace left on given servers; ends embedded ones and removes their data. */
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** Embedded servers even where others are given: for tests that take the broker away. */
  readonly embedded?: boolean;
  /** How often the embedded broker runs retention and compaction; by default once a minute. */
  readonly cleanIntervalMs?: number;
}

/** A broker and a database: those of KAFKA_BROKERS and MONGODB_URI, or embedded ones in a temporary folder. */
export async function startTestServers({ embedded = false, ...options }: TestServerOptions = {}): Promise<TestServers> {
  const given = embedded ? {} : givenServers();
  const namespace = `t${randomBytes(4).toString('hex')}-`;
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-test-'));
  const kafka = given.kafkaBrokers ? undefined : await embeddedBroker(join(folder, 'kafka'), options);
  const mongo = given.mongodbUri ? undefined : await embeddedDatabase(join(folder, 'mongo'));
  const kafkaBrokers = given.kafkaBrokers ?? kafka?.brokers ?? [];
  const mongodbUri = given.mongodbUri ?? mongo?.uri ?? '';
  return {
    kafkaBrokers,
    mongodbUri,
    namespace,
    embedded: kafka !== undefined && mongo !== undefined,
    ...(kafka ? { broker: kafka } : {}),
    stop: async () => {
      if (kafka === undefined) await dropTopics(kafkaBrokers, namespace);
      if (mongo === undefined) await dropDatabases(mongodbUri, namespace);
      await Promise.all([kafka?.stop(), mongo?.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// The embedded servers are loaded only where they are needed.
async function embeddedDatabase(dataDir: string): Promise<{ readonly uri: string; close(): Promise<void> }> {
  const { startEmbeddedMongo } = await import('#embedded-mongo');
  return startEmbeddedMongo({ dataDir, port: 0 });
}

async function embeddedBroker(
  dataDir: string,
  options: Pick<TestServerOptions, 'cleanIntervalMs'>,
): Promise<BrokerControls & { readonly brokers: string[] }> {
  const { startEmbeddedKafka } = await import('#embedded-kafka');
  let running = await startEmbeddedKafka({ ...options, dataDir, port: 0 });
  const brokers = [running.brokers];
  const port = Number(brokers[0]?.split(':').at(-1));
  let open = true;
  return {
    brokers,
    pause: () => running.pause(),
    resume: () => running.resume(),
    stop: async () => {
      if (open) await running.close();
      open = false;
    },
    start: async () => {
      running = await startEmbeddedKafka({ ...options, dataDir, port });
      open = true;
    },
  };
}

async function dropTopics(brokers: readonly string[], namespace: string): Promise<void> {
  const bus = new KafkaMessageBus({ brokers, namespace, clientId: 'test-servers' });
  await bus.dropNamespace();
  await bus.close();
}

async function dropDatabases(uri: string, namespace: string): Promise<void> {
  const connection = await createConnection(uri).asPromise();
  const { databases } = await connection.listDatabases();
  for (const { name } of databases)
    if (name.startsWith(namespace)) await connection.useDb(name, { useCache: false }).dropDatabase();
  await connection.close();
}
