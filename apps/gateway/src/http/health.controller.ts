import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CartsByIds, Jwks, MerchantsByIds, PostsByIds, ReviewsByIds, type OperationContract } from '#contracts';
import { ServiceUnavailableError } from '#service-kit';
import { ScopeFactory } from '../context/scope-factory.js';
import { Draining } from './draining.js';

const PROBE_MS = 1_000;

/** A question to each service that costs next to nothing. A refusal is an answer too. */
const PROBES: Readonly<Record<string, (scope: ReturnType<ScopeFactory['anonymous']>) => Promise<unknown>>> = {
  identity: (scope) => scope.call(Jwks, {}, PROBE_MS),
  catalog: (scope) => ask(scope, MerchantsByIds),
  order: (scope) => ask(scope, CartsByIds),
  'social-feed': (scope) => ask(scope, PostsByIds),
  reputation: (scope) => ask(scope, ReviewsByIds),
};

const ask = <Output>(
  scope: ReturnType<ScopeFactory['anonymous']>,
  contract: OperationContract<{ ids: string[] }, Output>,
): Promise<Output> => scope.call(contract, { ids: [] }, PROBE_MS);

/** 200 while requests are taken, 503 once the gateway drains; the body says which services answer. */
@Controller('healthz')
export class HealthController {
  constructor(
    @Inject(ScopeFactory) private readonly scopes: ScopeFactory,
    @Inject(Draining) private readonly draining: Draining,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async health(@Res() reply: FastifyReply): Promise<void> {
    if (this.draining.hasBegun) {
      void reply.status(503).send({ status: 'draining' });
      return;
    }
    const services = Object.fromEntries(
      await Promise.all(
        Object.entries(PROBES).map(async ([name, probe]) => [name, await this.stateOf(probe)] as const),
      ),
    );
    const isWhole = Object.values(services).every((state) => state === 'up');
    void reply.send({ status: isWhole ? 'ready' : 'degraded', services });
  }

  private async stateOf(probe: (scope: ReturnType<ScopeFactory['anonymous']>) => Promise<unknown>): Promise<string> {
    try {
      await probe(this.scopes.anonymous('health'));
      return 'up';
    } catch (error) {
      return error instanceof ServiceUnavailableError ? 'down' : 'up';
    }
  }
}
