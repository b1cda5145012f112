import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import { connectDatabase, databaseName } from '#persistence';
import type { Logger } from '#service-kit';
import { CallbackSender } from './callback/callback-sender.js';
import { EndpointStore } from './callback/endpoint.store.js';
import { DELAYS, type Delays } from './charge/charge.js';
import { ChargeController } from './charge/charge.controller.js';
import { ChargeRepository } from './charge/charge.repository.js';
import { DueCharges } from './charge/due-charges.handler.js';
import { SANDBOX_SECRET } from './config.js';

export interface PaymentSandboxOptions {
  readonly mongodbUri: string;
  /** Prefix of its database's name. */
  readonly namespace: string;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly logger: Logger;
  /** Signs the callbacks: `whsec_…`, base64. */
  readonly secret?: string;
  readonly delays?: Partial<Delays>;
}
export interface PaymentSandbox {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a payment provider that charges nobody: books of its own, behaviour by token, callbacks that are sent until
 * they are acknowledged. Errors: the port is taken, the database is away.
 */
export async function startPaymentSandbox(options: PaymentSandboxOptions): Promise<PaymentSandbox> {
  const { mongodbUri: uri, namespace } = options;
  const connection = await connectDatabase({ uri, name: databaseName(namespace, 'payment_sandbox') });
  try {
    return await serve(connection, options);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

const now = (): Date => new Date();

async function serve(connection: Connection, options: PaymentSandboxOptions): Promise<PaymentSandbox> {
  const { logger, host = '127.0.0.1', port, secret = SANDBOX_SECRET } = options;
  const delays = { ...DELAYS, ...options.delays };
  const charges = new ChargeRepository(connection);
  const endpoints = new EndpointStore(connection);
  await Promise.all([charges.onModuleInit(), endpoints.onModuleInit()]);

  const due = new DueCharges({ charges, sender: new CallbackSender(secret, endpoints), delays, logger, now });
  const closing = new AbortController();
  const server = createServer(logger);
  const parts = { charges, endpoints, delays, closing: closing.signal, now, wake: () => due.wake() };
  new ChargeController(parts).register(server);
  await server.listen({ host, port });
  due.wake();
  const { port: bound } = server.server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    closing.abort();
    await server.close();
    await due.close();
    await connection.close();
  };
  return { url: `http://${host}:${bound}`, close };
}

function createServer(logger: Logger): FastifyInstance {
  const server = fastify({ bodyLimit: 64 * 1024, forceCloseConnections: true });
  server.setErrorHandler((error, _request, reply) => {
    if (error instanceof z.ZodError) {
      return reply.code(400).send({ code: 'INVALID_REQUEST', message: z.prettifyError(error) });
    }
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status < 500) return reply.code(status).send({ code: 'INVALID_REQUEST', message: 'The request is not valid' });
    logger.error({ err: error }, 'the payment sandbox could not answer');
    return reply.code(503).send({ code: 'UNAVAILABLE', message: 'Try again later' });
  });
  return server;
}
