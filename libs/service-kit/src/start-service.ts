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
import type { HealthReport, ServiceHealth } from './service-health.js';
import { ServiceHostModule } from './service-host.module.js';
import { StatusServer } from './status-server.js';
import { TcpIntake } from './tcp-intake.js';

const ANSWER_WITHIN_MS = 3_000;
/**
 * Closing, and of that the handlers that run; less where all services are in one process, as whoever ends that with
 * Ctrl-C waits for it.
 */
const timesOf = (isSplit: boolean) =>
  isSplit ? { closeWithinMs: 25_500, drainMs: 20_000 } : { closeWithinMs: 4_500, drainMs: 2_500 };
const STOPPING: ServiceHealth = { isLive: true, isReady: false, reasons: ['it is being stopped'] };

/**
 * Boots a service; it takes calls when this returns. Where its database is new, this waits for the broker, and until what
 * the service owned before is restored from its state topics.
 * Errors: ConfigError, AddressError, ServiceStoppedError, and what database and broker say when they are not there.
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
  const { drainMs } = timesOf(isSplit);
  const host = { definition, config, logger, registry, isSplit, clock, onStalled, drainMs };
  const app = await NestFactory.createApplicationContext(ServiceHostModule.for(host), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const dispatcher = app.get(OperationDispatcher);
  const address = isSplit ? addressOf(name, config) : undefined;
  const intake = address && new TcpIntake(dispatcher, address);
  const health = (): Promise<ServiceHealth> => (dispatcher.isDraining ? Promise.resolve(STOPPING) : healthOf(app));
  let status: StatusServer | undefined;
  try {
    if (isSplit) status = await openStatus(config, async () => ({ [name]: await health() }));
    await orStopped(messagingOf(app)?.restored(), environment.stopping);
    dispatcher.start();
    await intake?.listen();
    const unregister = registry.register(name, dispatcher, health);
    logger.info(address ? { ...address } : {}, `${name} is ready`);
    return {
      name,
      ready: async () => messagingOf(app)?.ready(),
      health,
      get: (token) => app.get(token, { strict: false }),
      close: once(() => close({ app, dispatcher, intake, status, unregister, logger, ...timesOf(isSplit) })),
    };
  } catch (error) {
    await app.close();
    await status?.close();
    throw error;
  }
}

/** The service was told to stop before it had started. code SERVICE_STOPPED */
export class ServiceStoppedError extends Error {
  readonly code = 'SERVICE_STOPPED';

  constructor() {
    super('stopped before it had started');
    this.name = 'ServiceStoppedError';
  }
}

/** What is awaited may take as long as a broker is away. @throws ServiceStoppedError */
async function orStopped(work: Promise<void> | undefined, stopping: AbortSignal | undefined): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (stopping?.aborted) resolve();
    else stopping?.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([work, stopped]);
  if (stopping?.aborted) throw new ServiceStoppedError();
}

/** Serves from the beginning: whoever watches the process sees it live while what it owns is restored. */
async function openStatus(
  config: ServiceConfig,
  health: () => Promise<HealthReport>,
): Promise<StatusServer | undefined> {
  if (config.metricsPort === undefined) return undefined;
  const status = new StatusServer(health);
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
  readonly closeWithinMs: number;
  unregister(): void;
}

/** In this order: intake, calls under way, consumers and relay, database (Nest's hooks in #messaging and #persistence). */
async function close(closing: Closing): Promise<void> {
  const { app, dispatcher, intake, status, logger, closeWithinMs } = closing;
  closing.unregister();
  const step = async (what: string, work: Promise<unknown>, ms: number): Promise<void> => {
    await withDeadline(work, ms, () => new Error(`not done after ${ms} ms`)).catch((error: unknown) =>
      logger.warn({ err: error }, `${what} at shutdown`),
    );
  };
  await step('answering the calls under way', dispatcher.drain(), ANSWER_WITHIN_MS);
  await intake?.close();
  await step('stopping consumers, relay and database', app.close(), closeWithinMs);
  await status?.close();
  logger.info('stopped');
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined;
  return () => (done ??= work());
}
