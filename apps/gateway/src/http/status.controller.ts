import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { allLive, allReady, processMetrics, type HealthReport } from '#service-kit';
import { Draining } from './draining.js';

/** Token of the way to ask how the services of this process do. */
export const LOCAL_HEALTH = Symbol('LOCAL_HEALTH');

/**
 * For those who run the process: of the gateway and, in the one-process shape, of the services beside it. To be kept from
 * the public by whatever stands in front.
 */
@Controller()
export class StatusController {
  constructor(
    @Inject(LOCAL_HEALTH) private readonly health: () => Promise<HealthReport>,
    @Inject(Draining) private readonly draining: Draining,
  ) {}

  /** Prometheus's text format. */
  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const { contentType, body } = await processMetrics();
    void reply.header('content-type', contentType).send(body);
  }

  /** 503 when the process should be replaced. */
  @Get('livez')
  @Header('cache-control', 'no-store')
  async live(@Res() reply: FastifyReply): Promise<void> {
    const services = await this.health();
    void reply.status(allLive(services) ? 200 : 503).send({ services });
  }

  /** 503 while it drains, and until all services of the process are ready: databases answer, consumers have caught up. */
  @Get('readyz')
  @Header('cache-control', 'no-store')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const services = await this.health();
    const isReady = !this.draining.hasBegun && allReady(services);
    void reply.status(isReady ? 200 : 503).send({ draining: this.draining.hasBegun, services });
  }
}
