import type { Variables } from '#service-kit';
import { loadPlatformConfig } from '../config.js';
import { findDataFolder } from '../data/data-folder.js';
import { runningServers } from './running-servers.js';

/** What a service that is started alone is told of broker and database: what it was given, or where the servers run. */
export function serverAddresses(given: Variables): Variables {
  const { KAFKA_BROKERS, MONGODB_URI } = given;
  if (KAFKA_BROKERS && MONGODB_URI) return { KAFKA_BROKERS, MONGODB_URI };
  const { dataDir } = loadPlatformConfig(given);
  const { kafkaBrokers, mongodbUri } = runningServers(findDataFolder(dataDir));
  return { KAFKA_BROKERS: KAFKA_BROKERS || kafkaBrokers, MONGODB_URI: MONGODB_URI || mongodbUri };
}
