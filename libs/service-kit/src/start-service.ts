import type { INestApplicationContext } from '@nestjs/common';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import type { Connection } from 'mongoose';
import { Messaging } from '#messaging';
import { DATABASE, pingDatabase } from '#persistence';
import { SystemClock } from './clock.js';
import { addressOf, loadConfig, type ServiceConfig } from './config.js';
import { withDeadline } from './deadline.js';
import { OperationDispatcher } from './dispatcher.js';
import { createLogger, NestLogger, type Logger } from './logger.js';
import { OperationRegistry } from './operation-registry.js';
import type { RunningService, ServiceDefinition, ServiceEnvironment } from './service-definition.js';
import type { ServiceHealth } from './service-health.js';
import { ServiceHostModule } from './service-host.module.js';
import { StatusServer } from './status-server.js';
import { TcpIntake } from './tcp-intake.js';

const DRAIN_WITHIN_MS = 3_000;
const CLOSE_WITHIN_MS = 4_500;

/**
 * Boots a service; it takes calls when this returns. Where its database is new, this waits for the broker, and until what
 * the service owned before is restored from its state topics.
 * Errors: ConfigError, AddressError, and what database and broker say when they are not there.
 */
export async function startService<Config extends ServiceConfig>(
  definition: ServiceDefinition<Config>,
  environment: ServiceEnvironment,
): Promise<RunningService> {
  const { name } = definition;
  const config = loadConfig(definition.config, environment.variables);
  const logger = (environment.logger ?? createLogger(config.logLevel)).child({ service: name });
  const registry = environment.registry ?? new OperationRegistry();
  const isSplit = environment.registry === undefined;
  const { clock = new SystemClock(), onStalled = () => process.exit(1) } = environment;
  const host = { definition, config, logger, registry, isSplit, clock, onStalled };
  const app = await NestFactory.createApplicationContext(ServiceHostModule.for(host), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const dispatcher = app.get(OperationDispatcher);
  const address = isSplit ? addressOf(name, config) : undefined;
  const intake = address && new TcpIntake(dispatcher, address);
  try {
    await messagingOf(app)?.restored();
    dispatcher.start();
    await intake?.listen();
    const unregister = registry.register(name, dispatcher, () => healthOf(app));
    const status = isSplit ? await openStatus(registry, config) : undefined;
    logger.info(address ? { ...address } : {}, `${name} is ready`);
    return {
      name,
      ready: async () => messagingOf(app)?.ready(),
      health: () => healthOf(app),
      get: (token) => app.get(token, { strict: false }),
      close: once(() => close({ app, dispatcher, intake, status, unregister, logger })),
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function openStatus(registry: OperationRegistry, config: ServiceConfig): Promise<StatusServer | undefined> {
  if (config.metricsPort === undefined) return undefined;
  const status = new StatusServer(() => registry.health());
  await status.listen({ host: config.metricsHost, port: config.metricsPort });
  return status;
}

/** Undefined in a service without messaging. */
function messagingOf(app: INestApplicationContext): Messaging | undefined {
  const providers = app.get(DiscoveryService, { strict: false }).getProviders();
  return providers.find(({ instance }) => instance instanceof Messaging)?.instance as Messaging | undefined;
}

async function healthOf(app: INestApplicationContext): Promise<ServiceHealth> {
  const connection = app.get<Connection>(DATABASE, { strict: false });
  const databaseAnswers = await pingDatabase(connection).then(
    () => true,
    () => false,
  );
  const messaging = messagingOf(app);
  const stalled = messaging?.stalled ?? [];
  const reasons = [
    ...(databaseAnswers ? [] : ['the database does not answer']),
    ...((messaging?.caughtUp ?? true) ? [] : ['consumers have not caught up yet']),
    ...stalled.map((group) => `${group} makes no progress`),
  ];
  return { isLive: stalled.length === 0, isReady: reasons.length === 0, reasons };
}

interface Closing {
  readonly app: INestApplicationContext;
  readonly dispatcher: OperationDispatcher;
  readonly intake: TcpIntake | undefined;
  readonly status: StatusServer | undefined;
  readonly logger: Logger;
  unregister(): void;
}

/** In this order: intake, calls under way, consumers and relay, database (Nest's hooks in #messaging and #persistence). */
async function close({ app, dispatcher, intake, status, unregister, logger }: Closing): Promise<void> {
  unregister();
  const step = async (what: string, work: Promise<unknown>, ms: number): Promise<void> => {
    await withDeadline(work, ms, () => new Error(`not done after ${ms} ms`)).catch((error: unknown) =>
      logger.warn({ err: error }, `${what} at shutdown`),
    );
  };
  await step('answering the calls under way', dispatcher.drain(), DRAIN_WITHIN_MS);
  await intake?.close();
  await step('stopping consumers, relay and database', app.close(), CLOSE_WITHIN_MS);
  await status?.close();
  logger.info('stopped');
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined;
  return () => (done ??= work());
}
