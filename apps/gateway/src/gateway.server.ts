import { setTimeout as pause } from 'node:timers/promises';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestLogger, ServiceUnavailableError, type HealthReport, type Logger } from '#service-kit';
import type { GatewayConfig } from './config.js';
import { ScopeFactory } from './context/scope-factory.js';
import type { ServiceCalls } from './context/service-calls.js';
import type { VerifiesTokens } from './context/visitor.js';
import { GatewayModule, GRAPHQL_PATH } from './gateway.module.js';
import { Executor } from './graphql/executor.js';
import { LIMITS } from './graphql/limits.js';
import { PublicErrors } from './graphql/public-error.js';
import { composeSchema } from './graphql/schema.js';
import { leadBrowsers } from './http/browser-visit.js';
import { Draining } from './http/draining.js';
import type { ChangeFeed } from './live/change-feed.js';
import { serveWebSocket } from './live/web-socket.js';

/** What the gateway depends on. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly calls: ServiceCalls;
  readonly tokens: VerifiesTokens;
  readonly changes: ChangeFeed;
  /** How the services of this process do; none of them without it. */
  readonly health?: () => Promise<HealthReport>;
}

export interface OpenGateway {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  /** Within 5 s: takes no more requests, ends the subscriptions, answers what is under way. Safe to call twice. */
  close(): Promise<void>;
}

/** Requests that are under way when the gateway closes have this long to end. */
const DRAIN_MS = 3_500;
const LAST_WORDS_MS = 500;

/** Opens the HTTP server. Errors: when the port is taken (EADDRINUSE). */
export async function openGateway(parts: GatewayParts): Promise<OpenGateway> {
  const { config, logger, calls, tokens, changes, health = () => Promise.resolve({}) } = parts;
  const executor = new Executor(composeSchema());
  const errors = new PublicErrors(logger);
  const draining = new Draining();
  let url = '';
  const publicUrl = (): string => config.publicUrl ?? url;
  const { callDeadlineMs: deadlineMs, commandDeadlineMs } = config;
  const scopes = new ScopeFactory({ calls, changes, publicUrl, deadlineMs, commandDeadlineMs }, tokens);
  const module = GatewayModule.for({ config, executor, errors, scopes, draining, logger, health });
  const app = await createApp(module, config, logger);
  const endSockets = serveWebSocket(app.getHttpServer(), {
    path: GRAPHQL_PATH,
    executor,
    errors,
    scopeOf: (authorization, request) => scopes.forSocket(authorization, request),
  });
  const endUnused = trackUnused(app.getHttpServer());
  await app.listen(config.port, config.host);
  url = await app.getUrl();
  logger.info({ url }, 'gateway is ready');

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    draining.begin();
    changes.close(new ServiceUnavailableError('The gateway is shutting down: subscribe again'));
    await lastWords(changes);
    await endSockets();
    await closeWithin(app, logger, endUnused);
    logger.info('gateway stopped');
  };
  return { url, close: () => (closing ??= close()) };
}

async function createApp(
  module: ReturnType<typeof GatewayModule.for>,
  config: GatewayConfig,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ bodyLimit: LIMITS.bodyBytes, trustProxy: config.trustedProxies ?? false });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  app.enableCors({
    origin: config.corsOrigins.includes('*') ? '*' : config.corsOrigins,
    methods: ['GET', 'HEAD', 'POST', 'OPTIONS'],
    allowedHeaders: ['content-type', 'authorization', 'accept', 'apollo-require-preflight', 'x-apollo-operation-name'],
    maxAge: 86_400,
  });
  leadBrowsers(adapter.getInstance(), GRAPHQL_PATH, '/graphiql');
  return app;
}

/** Lets every subscription tell its client why it ends, before the connections close. */
async function lastWords(changes: ChangeFeed): Promise<void> {
  const until = Date.now() + LAST_WORDS_MS;
  do await pause(20);
  while (changes.watched > 0 && Date.now() < until);
}

/**
 * Connections that a client opened ahead and has not used yet: Node counts them as busy, and a shutdown would wait for
 * them. Returns the way to end them.
 */
function trackUnused(server: Server): () => void {
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  server.on('upgrade', ({ socket }) => unused.delete(socket));
  return () => {
    for (const socket of unused) socket.destroy();
  };
}

/** Waits for the requests under way, then cuts off what is left. */
async function closeWithin(app: NestFastifyApplication, logger: Logger, endUnused: () => void): Promise<void> {
  const server = app.getHttpServer();
  const cut = setTimeout(() => {
    logger.warn({ afterMs: DRAIN_MS }, 'connections cut off');
    server.closeAllConnections();
  }, DRAIN_MS);
  try {
    endUnused();
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}
