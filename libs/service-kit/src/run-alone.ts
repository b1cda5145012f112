import { setTimeout as pause } from 'node:timers/promises';
import { KafkaMessageBus } from '#messaging';
import { connectDatabase } from '#persistence';
import { ConfigError, loadConfig, type ServiceConfig, type Variables } from './config.js';
import { createLogger, type Logger } from './logger.js';
import type { ServiceDefinition } from './service-definition.js';
import { startService } from './start-service.js';
import { stopOnSignals } from './stop-on-signals.js';

/** Broker or database are not at the given address. The message names it. code DEPENDENCY_AWAY */
export class DependencyAwayError extends Error {
  readonly code = 'DEPENDENCY_AWAY';
}

const TRY_FOR_MS = 60_000;
const TRY_EVERY_MS = 1_000;
const PROBE_MS = 3_000;
/** A start that is broken off has nothing that could be lost. */
const START_ENDS_WITHIN_MS = 8_000;

interface Waiting {
  readonly logger: Logger;
  /** 60,000 by default. */
  readonly tryForMs?: number;
}

/** Where broker and database are; what is left out is not waited for. */
export type Dependencies = Partial<Pick<ServiceConfig, 'kafkaBrokers' | 'mongodbUri'>>;

/** Waits until broker and database answer, telling what it waits for. Errors: DependencyAwayError. */
export async function waitForDependencies({ kafkaBrokers, mongodbUri }: Dependencies, waiting: Waiting): Promise<void> {
  if (mongodbUri !== undefined) {
    const what = `database at ${withoutPassword(mongodbUri)} (MONGODB_URI)`;
    await waitFor(what, waiting, () => probeDatabase(mongodbUri));
  }
  if (kafkaBrokers !== undefined) {
    const what = `broker at ${kafkaBrokers.join()} (KAFKA_BROKERS)`;
    await waitFor(what, waiting, () => probeBroker(kafkaBrokers));
  }
}

async function waitFor(what: string, waiting: Waiting, probe: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + (waiting.tryForMs ?? TRY_FOR_MS);
  for (;;) {
    try {
      await probe();
      return;
    } catch (error) {
      if (Date.now() + TRY_EVERY_MS > until) {
        throw new DependencyAwayError(`There is no ${what}: ${reasonOf(error)}`, { cause: error });
      }
      waiting.logger.warn(`There is no ${what} yet, trying again`);
    }
    await pause(TRY_EVERY_MS);
  }
}

async function probeDatabase(uri: string): Promise<void> {
  const connection = await connectDatabase({ uri, name: 'admin', serverSelectionTimeoutMs: PROBE_MS, maxPoolSize: 1 });
  await connection.close();
}

/** Something else may listen there, so it is spoken to in Kafka's protocol. */
async function probeBroker(brokers: readonly string[]): Promise<void> {
  const bus = new KafkaMessageBus({ brokers, clientId: 'probe', namespace: '' });
  try {
    await bus.endPositions([]);
  } finally {
    await bus.close();
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const withoutPassword = (uri: string): string => uri.replace(/\/\/[^@/]*@/, '//');

/**
 * The whole of a service's `main.ts`: starts it by itself, waits for its broker and database, ends on SIGINT and
 * SIGTERM. Ends the process with status 1 and a message when it can't start.
 */
export async function runServiceAlone(definition: ServiceDefinition, variables: Variables): Promise<void> {
  const stopping = new AbortController();
  try {
    const config = loadConfig(definition.config, variables);
    const logger = createLogger(config.logLevel);
    await waitForDependencies(config, { logger });
    const starting = startService(definition, { variables, logger, stopping: stopping.signal });
    // Before it has started, too: it may wait for a broker, and says that it is ready before this function goes on.
    stopOnSignals(async (signal) => {
      logger.info(`${signal}: stopping`);
      stopping.abort();
      const service = await Promise.race([starting.catch(() => undefined), pause(START_ENDS_WITHIN_MS)]);
      await service?.close();
    });
    await starting;
  } catch (error) {
    // The signal ends the process, with its own status.
    if (stopping.signal.aborted) return;
    process.stderr.write(`${definition.name}: ${explain(error)}\n`);
    process.exit(1);
  }
}

const explain = (error: unknown): string =>
  error instanceof ConfigError || error instanceof DependencyAwayError
    ? error.message
    : `can't start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
