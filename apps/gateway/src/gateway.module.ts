import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { LOGGER, type HealthReport, type Logger } from '#service-kit';
import { GATEWAY_CONFIG, type GatewayConfig } from './config.js';
import { ScopeFactory } from './context/scope-factory.js';
import { compiledExecution } from './graphql/compiled-execution.plugin.js';
import { Executor } from './graphql/executor.js';
import { LIMITS } from './graphql/limits.js';
import { PublicErrors } from './graphql/public-error.js';
import { Draining } from './http/draining.js';
import { EventDocumentationController } from './http/event-documentation.controller.js';
import { GraphiqlController } from './http/graphiql.controller.js';
import { HealthController } from './http/health.controller.js';
import { HttpErrorFilter } from './http/http-error.filter.js';
import { LOCAL_HEALTH, StatusController } from './http/status.controller.js';
import { ShareLinkController } from './http/share-link.controller.js';
import { EventStreamController } from './live/event-stream.controller.js';

export const GRAPHQL_PATH = '/graphql';

/** What the module is made of; `gateway.service.ts` makes it, and tests do with services of their own. */
export interface GatewayModuleParts {
  readonly config: GatewayConfig;
  readonly executor: Executor;
  readonly errors: PublicErrors;
  readonly scopes: ScopeFactory;
  readonly draining: Draining;
  readonly health: () => Promise<HealthReport>;
  readonly logger: Logger;
}

@Module({})
export class GatewayModule {
  static for(parts: GatewayModuleParts): DynamicModule {
    return {
      module: GatewayModule,
      imports: [GraphQLModule.forRoot<ApolloDriverConfig>(apolloOptions(parts))],
      controllers: [
        EventStreamController,
        ShareLinkController,
        HealthController,
        StatusController,
        GraphiqlController,
        EventDocumentationController,
      ],
      providers: [
        { provide: GATEWAY_CONFIG, useValue: parts.config },
        { provide: Executor, useValue: parts.executor },
        { provide: PublicErrors, useValue: parts.errors },
        { provide: ScopeFactory, useValue: parts.scopes },
        { provide: LOGGER, useValue: parts.logger },
        { provide: Draining, useValue: parts.draining },
        { provide: LOCAL_HEALTH, useValue: parts.health },
        { provide: APP_FILTER, useClass: HttpErrorFilter },
      ],
    };
  }
}

const apolloOptions = ({ executor, errors, scopes }: GatewayModuleParts): ApolloDriverConfig => ({
  driver: ApolloDriver,
  path: GRAPHQL_PATH,
  schema: executor.schema,
  context: (request: FastifyRequest) => scopes.forRequest(request),
  plugins: [compiledExecution(executor, errors)],
  formatError: (formatted, error) => errors.ofApollo(formatted, error),
  autoTransformHttpErrors: false,
  parseOptions: { maxTokens: LIMITS.tokens },
  // The executor validates, after it has checked the limits.
  dangerouslyDisableValidation: true,
  persistedQueries: false,
  allowBatchedHttpRequests: false,
  csrfPrevention: true,
  introspection: true,
  includeStacktraceInErrorResponses: false,
  graphiql: false,
});
