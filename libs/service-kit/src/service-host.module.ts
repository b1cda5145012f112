import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import type { Connection } from 'mongoose';
import { Jwks, type ServiceName } from '#contracts';
import { MESSAGING_OPTIONS, ParkingDesk, ParkingLot, ProjectionDesk, type MessagingOptions } from '#messaging';
import { DATABASE, DatabaseModule, databaseName } from '#persistence';
import { Clock } from './clock.js';
import type { ServiceConfig } from './config.js';
import { OperationDispatcher, type BoundHandler } from './dispatcher.js';
import { handlersOf } from './handles.decorator.js';
import { IdempotencyStore } from './idempotency.store.js';
import { LOGGER, type Logger } from './logger.js';
import { OperationClient } from './operation-client.js';
import type { OperationRegistry } from './operation-registry.js';
import { parkingControllerOf } from './parking.controller.js';
import { projectionControllerOf } from './projection.controller.js';
import { remoteServices } from './remote-services.js';
import type { ServiceDefinition } from './service-definition.js';
import { tokenIssuer, TokenVerifier } from './token-verifier.js';

/** Token of the service's configuration, as its `config.ts` has it. */
export const SERVICE_CONFIG = Symbol('SERVICE_CONFIG');

interface Host<Config extends ServiceConfig> {
  readonly definition: ServiceDefinition<Config>;
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Where this service and those beside it in the process are. */
  readonly registry: OperationRegistry;
  /** Whether services that are not in the registry are to be found at their addresses. */
  readonly isSplit: boolean;
  readonly onStalled: (group: string) => void;
  /** How long handlers of events that run at the end may take. */
  readonly drainMs: number;
}

/** Everything that a service gets from its host, for all of its modules. */
@Module({})
export class ServiceHostModule {
  static for<Config extends ServiceConfig>(host: Host<Config>): DynamicModule {
    const { definition, config } = host;
    const name = databaseName(config.namespace, definition.name);
    return {
      module: ServiceHostModule,
      global: true,
      imports: [
        DiscoveryModule,
        DatabaseModule.forService({ uri: config.mongodbUri, name }),
        definition.module(config),
      ],
      providers: [...valuesOf(host), ...operationProviders(host), parkingProvider(host), projectionProvider(host)],
      exports: [Clock, LOGGER, SERVICE_CONFIG, MESSAGING_OPTIONS, OperationClient, TokenVerifier],
    };
  }
}

function valuesOf<Config extends ServiceConfig>(host: Host<Config>) {
  const { definition, config, clock, logger, onStalled, drainMs } = host;
  const messaging: MessagingOptions = {
    brokers: config.kafkaBrokers,
    namespace: config.namespace,
    clientId: definition.name,
    logger,
    onStalled,
    stalledAfterMs: config.stalledAfterMs,
    drainMs,
  };
  return [
    { provide: Clock, useValue: clock },
    { provide: LOGGER, useValue: logger },
    { provide: SERVICE_CONFIG, useValue: config },
    { provide: MESSAGING_OPTIONS, useValue: messaging },
  ];
}

/** Hangs up when the service is gone. */
class RemoteCloser implements OnApplicationShutdown {
  constructor(private readonly remote: ReturnType<typeof remoteServices>) {}
  onApplicationShutdown(): void {
    for (const channel of this.remote.values()) channel.close();
  }
}

function operationProviders<Config extends ServiceConfig>(host: Host<Config>) {
  const { config, clock, logger, registry, isSplit, definition } = host;
  const remote = isSplit ? remoteServices(config) : remoteServices(config, []);
  const client = new OperationClient({ registry, remote });
  const fetchKeys = () => client.call(Jwks, {}, { token: null });
  const verifier = new TokenVerifier({ issuer: tokenIssuer(config.namespace), clock, fetchKeys });
  return [
    { provide: RemoteCloser, useValue: new RemoteCloser(remote) },
    { provide: OperationClient, useValue: client },
    { provide: TokenVerifier, useValue: verifier },
    {
      provide: IdempotencyStore,
      useFactory: (connection: Connection) => new IdempotencyStore(connection, clock),
      inject: [DATABASE],
    },
    {
      provide: OperationDispatcher,
      useFactory: (discovery: DiscoveryService, idempotency: IdempotencyStore) => {
        const handlers = bindHandlers(definition.name, discovery);
        return new OperationDispatcher({ service: definition.name, handlers, verifier, idempotency, clock, logger });
      },
      inject: [DiscoveryService, IdempotencyStore],
    },
  ];
}

/** Token of what answers for the parked events of the service; null in a service without messaging. */
const PARKING = Symbol('PARKING');

function parkingProvider<Config extends ServiceConfig>({ definition, clock }: Host<Config>) {
  const Controller = parkingControllerOf(definition.name);
  return {
    provide: PARKING,
    useFactory: (lot?: ParkingLot) => (lot ? new Controller(new ParkingDesk(lot, () => clock.now())) : null),
    inject: [{ token: ParkingLot, optional: true }],
  };
}

/** Token of what answers for the projections of the service; null in a service without any. */
const PROJECTIONS = Symbol('PROJECTIONS');

function projectionProvider<Config extends ServiceConfig>({ definition }: Host<Config>) {
  const Controller = projectionControllerOf(definition.name);
  return {
    provide: PROJECTIONS,
    useFactory: (desk?: ProjectionDesk) => (desk?.isNeeded ? new Controller(desk) : null),
    inject: [{ token: ProjectionDesk, optional: true }],
  };
}

/** Every `@Handles` method of the service, found when first asked for: controllers may not exist before. */
function bindHandlers(service: ServiceName, discovery: DiscoveryService): () => readonly BoundHandler[] {
  return () => {
    const instances = [...discovery.getControllers(), ...discovery.getProviders()].map(
      (wrapper) => wrapper.instance as unknown,
    );
    const handlers = [...new Set(instances)].flatMap(bindAll);
    checkHandlers(service, handlers);
    return handlers;
  };
}

function bindAll(instance: unknown): BoundHandler[] {
  if (typeof instance !== 'object' || instance === null) return [];
  return handlersOf(instance).map(({ contract, method }) => ({
    contract,
    run: (input, context) => (Reflect.get(instance, method) as BoundHandler['run']).call(instance, input, context),
  }));
}

function checkHandlers(service: ServiceName, handlers: readonly BoundHandler[]): void {
  const names = handlers.map(({ contract }) => contract.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`${twice} has two handlers`);
  const foreign = handlers.find(({ contract }) => contract.service !== service);
  if (foreign) throw new Error(`${foreign.contract.name} is not for ${service} to answer`);
}
