import {
  PortTakenError as KafkaPortTakenError,
  startEmbeddedKafka,
  type EmbeddedKafka,
  type EmbeddedKafkaOptions,
} from '#embedded-kafka';
import { PortTakenError as MongoPortTakenError, startEmbeddedMongo, type EmbeddedMongo } from '#embedded-mongo';
import type { DataFolder } from '../data/data-folder.js';
import { InUseError } from '../data/data-folder.errors.js';
import { holderOf, takeLock, type LockFile } from '#embedded-disk';
import { candidatePorts, startOnFreePort } from './free-port.js';
import { SERVERS_LOCK } from './running-servers.js';
import { rememberedPorts, rememberPorts } from './remembered-ports.js';

const KAFKA_PORT = 9092;
const MONGO_PORT = 27_017;

/** The servers that one process runs on a data folder. */
export interface EmbeddedServers {
  readonly kafkaBrokers?: string;
  readonly mongodbUri?: string;
  /** For the terminal: not for production. */
  readonly notices: readonly string[];
  /** Within 2 s. */
  close(): Promise<void>;
}

interface Wanted {
  readonly kafka: Pick<EmbeddedKafkaOptions, 'host' | 'autoCreateTopics' | 'forgetMembers'> | undefined;
  readonly mongo: boolean;
}

/**
 * Starts the wanted ones over the folder's data, where they were last, at their usual ports or at the next free ones.
 * Errors: InUseError when another process serves the same data; those of the servers.
 */
export async function startEmbeddedServers(folder: DataFolder, wanted: Wanted): Promise<EmbeddedServers> {
  const lock = takeLock(folder.path(SERVERS_LOCK));
  if (!lock)
    throw new InUseError(`The servers on ${folder.dir} are run by process ${holderOf(folder.path(SERVERS_LOCK))?.pid}`);
  const [kafka, mongo] = await Promise.allSettled([
    wanted.kafka ? startKafka(folder, wanted.kafka) : undefined,
    wanted.mongo ? startMongo(folder) : undefined,
  ]);
  if (kafka.status === 'fulfilled' && mongo.status === 'fulfilled') {
    return announce(folder, lock, kafka.value, mongo.value);
  }
  await Promise.all([kafka, mongo].map((one) => (one.status === 'fulfilled' ? one.value?.close() : undefined)));
  lock.release();
  throw [kafka, mongo].find((one) => one.status === 'rejected')?.reason;
}

function announce(
  folder: DataFolder,
  lock: LockFile,
  kafka: EmbeddedKafka | undefined,
  mongo: EmbeddedMongo | undefined,
): EmbeddedServers {
  const addresses = {
    ...(kafka ? { kafkaBrokers: kafka.brokers } : {}),
    ...(mongo ? { mongodbUri: mongo.uri } : {}),
  };
  rememberPorts(folder, { ...(kafka ? { kafka: kafka.port } : {}), ...(mongo ? { mongo: mongo.port } : {}) });
  lock.tell(addresses);
  return {
    ...addresses,
    notices: [kafka?.notice, mongo?.notice].filter((notice) => notice !== undefined),
    close: async () => {
      await Promise.all([kafka?.close(), mongo?.close()]);
      lock.release();
    },
  };
}

const startKafka = (folder: DataFolder, options: NonNullable<Wanted['kafka']>): Promise<EmbeddedKafka> =>
  startOnFreePort({
    candidates: candidatePorts(KAFKA_PORT, rememberedPorts(folder).kafka),
    host: options.host,
    start: (port) => startEmbeddedKafka({ dataDir: folder.path('kafka'), port, ...options }),
    isTaken: (error) => error instanceof KafkaPortTakenError,
  });

const startMongo = (folder: DataFolder): Promise<EmbeddedMongo> =>
  startOnFreePort({
    candidates: candidatePorts(MONGO_PORT, rememberedPorts(folder).mongo),
    start: (port) => startEmbeddedMongo({ dataDir: folder.path('mongo'), port }),
    isTaken: (error) => error instanceof MongoPortTakenError,
  });
