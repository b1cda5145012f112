import { waitForDependencies, type Logger } from '#service-kit';
import type { PlatformConfig } from '../config.js';
import type { DataFolder } from '../data/data-folder.js';
import { startEmbeddedServers } from '../servers/embedded-servers.js';
import { runningServers } from '../servers/running-servers.js';
import type { ClosingList } from './closing-list.js';

const CLOSE_WITHIN_MS = 2_000;

/** The broker and the database that the services are to use. */
export interface BackingServers {
  readonly kafkaBrokers: string;
  readonly mongodbUri: string;
  readonly notices: readonly string[];
}

interface Surroundings {
  readonly config: PlatformConfig;
  readonly folder: DataFolder;
  readonly logger: Logger;
  readonly closing: ClosingList;
}

/**
 * Those that the environment names, once they answer; otherwise those that `npm run servers` runs on the same folder;
 * otherwise embedded ones of this process. Broker and database each for itself.
 * Errors: DependencyAwayError, InUseError, those of the embedded servers.
 */
export async function openBackingServers(surroundings: Surroundings): Promise<BackingServers> {
  const { config, folder, logger, closing } = surroundings;
  const running = runningServers(folder);
  const given = {
    kafkaBrokers: config.kafkaBrokers?.join() ?? running.kafkaBrokers,
    mongodbUri: config.mongodbUri ?? running.mongodbUri,
  };
  await waitForDependencies(
    {
      ...(given.kafkaBrokers === undefined ? {} : { kafkaBrokers: given.kafkaBrokers.split(',') }),
      ...(given.mongodbUri === undefined ? {} : { mongodbUri: given.mongodbUri }),
    },
    { logger, tryForMs: config.waitForServersMs },
  );
  const { kafkaBrokers, mongodbUri } = given;
  if (kafkaBrokers !== undefined && mongodbUri !== undefined) return { kafkaBrokers, mongodbUri, notices: [] };
  const embedded = await startEmbeddedServers(folder, {
    // The broker's consumers run in this process, too, and ended with it the last time.
    kafka: kafkaBrokers === undefined ? { forgetMembers: true } : undefined,
    mongo: mongodbUri === undefined,
  });
  closing.add({ what: 'stopping the embedded servers', withinMs: CLOSE_WITHIN_MS, close: () => embedded.close() });
  return {
    kafkaBrokers: kafkaBrokers ?? embedded.kafkaBrokers ?? '',
    mongodbUri: mongodbUri ?? embedded.mongodbUri ?? '',
    notices: embedded.notices,
  };
}
