import { setTimeout as pause } from 'node:timers/promises';
import {
  OperationRegistry,
  startService,
  withDeadline,
  type Logger,
  type RunningService,
  type Variables,
} from '#service-kit';
import { startGateway } from '../../../gateway/src/gateway.service.js';
import { loadSandboxConfig } from '../../../payment-sandbox/src/config.js';
import { startPaymentSandbox } from '../../../payment-sandbox/src/payment-sandbox.js';
import type { PlatformConfig } from '../config.js';
import type { DataFolder } from '../data/data-folder.js';
import { candidatePorts, startOnFreePort } from '../servers/free-port.js';
import { rememberedPorts, rememberPorts } from '../servers/remembered-ports.js';
import type { BackingServers } from './backing-servers.js';
import type { ClosingList } from './closing-list.js';
import { portTaken } from './gateway-port.js';
import { loadService, SERVICE_NAMES } from './services.js';
import { codeOf } from '#embedded-disk';

const GATEWAY_CLOSES_WITHIN_MS = 2_500;
const SERVICES_CLOSE_WITHIN_MS = 4_500;
const SANDBOX_CLOSES_WITHIN_MS = 500;
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** All of Grapevine in this process, above broker and database. */
export interface Platform {
  readonly url: string;
  readonly paymentSandboxUrl: string;
  /** Resolves when every consumer group is joined. Requests are answered before. */
  ready(): Promise<void>;
  /** Resolves when `/readyz` says 200: the groups have handled what there was for them. */
  caughtUp(): Promise<void>;
}

interface Surroundings {
  readonly config: PlatformConfig;
  readonly servers: BackingServers;
  readonly folder: DataFolder;
  readonly logger: Logger;
  readonly closing: ClosingList;
  /** What the services are told beside the addresses. */
  readonly variables: Variables;
}

/**
 * Starts the payment provider, all services, and the gateway. The services call each other directly, and hear of each
 * other's events from the broker only. Errors: ConfigError; PortTakenError.
 */
export async function startPlatform(surroundings: Surroundings): Promise<Platform> {
  const { config, servers, logger, closing } = surroundings;
  const addresses = { KAFKA_BROKERS: servers.kafkaBrokers, MONGODB_URI: servers.mongodbUri };
  const paymentSandboxUrl = await startSandbox(surroundings, addresses);
  const variables = { ...surroundings.variables, ...addresses, PAYMENT_SANDBOX_URL: paymentSandboxUrl };
  const registry = new OperationRegistry();
  const services = await startServices({ variables, registry, logger }, closing);
  const gateway = await startGateway({ variables, registry, logger }).catch(async (error: unknown) => {
    throw codeOf(error) === 'EADDRINUSE' ? await portTaken(config) : error;
  });
  closing.add({ what: 'closing the gateway', withinMs: GATEWAY_CLOSES_WITHIN_MS, close: () => gateway.close() });
  return {
    url: gateway.url,
    paymentSandboxUrl,
    ready: () => untilReady(services, surroundings),
    caughtUp: () => untilCaughtUp(services, surroundings),
  };
}

async function startSandbox(surroundings: Surroundings, addresses: Variables): Promise<string> {
  const { variables, folder, closing } = surroundings;
  const { logLevel: _, ...options } = loadSandboxConfig({ ...variables, ...addresses });
  const logger = surroundings.logger.child({ service: 'payment-sandbox' });
  const sandbox = await startOnFreePort({
    candidates: candidatePorts(options.port, rememberedPorts(folder).paymentSandbox),
    host: options.host,
    start: (port) => startPaymentSandbox({ ...options, port, logger }),
    isTaken: (error) => codeOf(error) === 'EADDRINUSE',
  });
  closing.add({
    what: 'closing the payment sandbox',
    withinMs: SANDBOX_CLOSES_WITHIN_MS,
    close: () => sandbox.close(),
  });
  rememberPorts(folder, { paymentSandbox: Number(new URL(sandbox.url).port) });
  return sandbox.url;
}

interface Shared {
  readonly variables: Variables;
  readonly registry: OperationRegistry;
  readonly logger: Logger;
}

async function startServices(shared: Shared, closing: ClosingList): Promise<RunningService[]> {
  const started: RunningService[] = [];
  closing.add({
    what: 'stopping the services',
    withinMs: SERVICES_CLOSE_WITHIN_MS,
    close: async () => void (await Promise.all(started.map((service) => service.close()))),
  });
  await Promise.all(
    SERVICE_NAMES.map(async (name) => started.push(await startService(await loadService(name), shared))),
  );
  return started;
}

/**
 * A group of a process that was killed keeps its members for a while on a broker that outlived it. While the rest is
 * being stopped nobody waits any more.
 */
async function untilReady(services: readonly RunningService[], { logger, closing }: Surroundings): Promise<void> {
  const late = () => new Error(`not all consumer groups were joined within ${READY_WITHIN_MS} ms`);
  await withDeadline(Promise.all(services.map((service) => service.ready())), READY_WITHIN_MS, late).catch(
    (error: unknown) => {
      if (!closing.hasBegun) logger.warn({ err: error }, 'Started, but events may wait for a while');
    },
  );
}

async function untilCaughtUp(services: readonly RunningService[], { logger, closing }: Surroundings): Promise<void> {
  const untilMs = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const healths = await Promise.all(services.map((service) => service.health()));
    if (closing.hasBegun || healths.every(({ isReady }) => isReady)) return;
    if (performance.now() > untilMs) break;
    await pause(LOOK_EVERY_MS);
  }
  logger.warn('Up, but not ready yet: events of before are still being handled. /readyz says when that is done');
}
