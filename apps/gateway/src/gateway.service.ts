import { Jwks } from '#contracts';
import { KafkaMessageBus } from '#messaging';
import {
  createLogger,
  loadConfig,
  OperationClient,
  OperationRegistry,
  remoteServices,
  SystemClock,
  tokenIssuer,
  TokenVerifier,
  type ServiceEnvironment,
} from '#service-kit';
import { GatewayConfig } from './config.js';
import { openGateway, type OpenGateway } from './gateway.server.js';
import { ChangeFeed } from './live/change-feed.js';
import { TopicTail } from './live/topic-tail.js';

/**
 * Starts the gateway: with a registry it calls the services of this process, without one those at their addresses. It
 * neither waits for services nor for the broker. Errors: ConfigError; EADDRINUSE when the port is taken.
 */
export async function startGateway(
  environment: ServiceEnvironment,
  { port }: { port?: number } = {},
): Promise<OpenGateway> {
  const read = loadConfig(GatewayConfig, environment.variables);
  const config = port === undefined ? read : { ...read, port };
  const logger = (environment.logger ?? createLogger(config.logLevel)).child({ service: 'gateway' });
  // Of a service's configuration only the addresses matter here.
  const remote = environment.registry ? undefined : remoteServices({ ...config, mongodbUri: '' });
  const registry = environment.registry ?? new OperationRegistry();
  const calls = new OperationClient({ registry, remote });
  const tokens = new TokenVerifier({
    issuer: tokenIssuer(config.namespace),
    clock: environment.clock ?? new SystemClock(),
    fetchKeys: () => calls.call(Jwks, {}, { token: null }),
  });
  const changes = new ChangeFeed();
  const gateway = await openGateway({ config, logger, calls, tokens, changes, health: () => registry.health() });
  const bus = new KafkaMessageBus({
    brokers: config.kafkaBrokers,
    clientId: 'gateway',
    namespace: config.namespace,
    logger,
  });
  const tail = new TopicTail(bus, changes, logger);
  const close = async (): Promise<void> => {
    await gateway.close();
    await tail.close();
    for (const channel of remote?.values() ?? []) channel.close();
  };
  let closing: Promise<void> | undefined;
  return { url: gateway.url, close: () => (closing ??= close()) };
}
