import type { AddressInfo } from 'node:net';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { fastify, type FastifyInstance } from 'fastify';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { z } from 'zod';
import type { Logger } from '#service-kit';
import type { ProviderTruth } from './payment.js';
import type { CallbackRoute } from './callback-route.js';
import { keyOf } from './payment.provider.js';
import { ChargeStatement } from './sandbox-payment.provider.js';

const PATH = '/payment-callbacks';
const CallbackBody = z.object({ type: z.literal('charge.changed'), charge: ChargeStatement });

export interface CallbackOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Where the provider reaches it, when it is not on this machine. */
  readonly publicUrl?: string | undefined;
  /** `whsec_…`, shared with the provider. */
  readonly secret: string;
  /** Told where it listens. */
  readonly route: CallbackRoute;
  readonly logger: Logger;
  /** Takes over what the provider tells. It may be told again, late, and in any order. */
  onTold(orderId: string, truth: ProviderTruth): Promise<void>;
}

/**
 * Hears the payment provider's callbacks: Standard Webhooks 1.0, at most five minutes old. Acknowledged when stored, so
 * that the provider tells again what was lost on the way.
 */
export class CallbackListener implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private server: FastifyInstance | undefined;
  private readonly webhook: Webhook;

  constructor(private readonly options: CallbackOptions) {
    this.webhook = new Webhook(options.secret);
  }

  async onApplicationBootstrap(): Promise<void> {
    const server = fastify({ bodyLimit: 64 * 1024, forceCloseConnections: true });
    // The signature is over the bytes as they came.
    server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    server.post(PATH, async (request, reply) => {
      const status = await this.take(String(request.body), request.headers);
      return reply.code(status).send();
    });
    this.server = server;
    await server.listen({ host: this.options.host, port: this.options.port });
    const { port } = server.server.address() as AddressInfo;
    this.options.route.url = this.options.publicUrl ?? `http://127.0.0.1:${port}${PATH}`;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.server?.close();
  }

  private async take(body: string, headers: Record<string, unknown>): Promise<number> {
    const { logger } = this.options;
    try {
      const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      const told = CallbackBody.safeParse(this.webhook.verify(body, signed));
      if (!told.success || told.data.charge.key !== keyOf(told.data.charge.orderId, 'authorize')) return 400;
      const { orderId, ...truth } = told.data.charge;
      await this.options.onTold(orderId, truth);
      return 204;
    } catch (error) {
      const isForged = error instanceof WebhookVerificationError;
      logger.warn(
        { err: error },
        isForged ? 'a payment callback is not signed by the provider' : 'callback not stored',
      );
      return isForged ? 401 : 503;
    }
  }
}
