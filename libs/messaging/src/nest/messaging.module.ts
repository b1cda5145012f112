import {
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Connection } from 'mongoose';
import { DATABASE, LeaseStore, pingDatabase } from '#persistence';
import { KafkaMessageBus } from '../bus/kafka-message-bus.js';
import type { MessageBus } from '../bus/message-bus.js';
import { ParkingLot } from '../consumer/parking-lot.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from '../options.js';
import { ProjectionDesk } from '../state/projection-desk.js';
import { ProjectionMarkers } from '../state/projection-markers.js';
import { Messaging } from './messaging.js';
import { assemble, rebuildableOf, type ServiceMessaging } from './messaging.assembly.js';

/** Token of the service's `MessageBus`. */
export const MESSAGE_BUS = Symbol('MESSAGE_BUS');

/** Stops before Nest closes listeners and the database. A service that drains in another order calls `stop` itself. */
class MessagingLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(private readonly messaging: Messaging) {}

  onApplicationBootstrap(): void {
    this.messaging.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.messaging.stop();
  }
}

class BusCloser implements BeforeApplicationShutdown {
  constructor(private readonly bus: MessageBus) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.bus.close();
  }
}

const busProviders = (options?: MessagingOptions): Provider[] => [
  ...(options ? [{ provide: MESSAGING_OPTIONS, useValue: options }] : []),
  {
    provide: MESSAGE_BUS,
    useFactory: (given: MessagingOptions) => new KafkaMessageBus(given),
    inject: [MESSAGING_OPTIONS],
  },
];

/** Outbox relay and consumer groups of a service. Needs the `DatabaseModule` of the service. */
@Module({})
export class MessagingModule {
  static forService(service: ServiceMessaging): DynamicModule {
    const providers: Provider[] = [
      ...busProviders(service.options),
      { provide: ParkingLot, useFactory: (connection: Connection) => new ParkingLot(connection), inject: [DATABASE] },
      { provide: LeaseStore, useFactory: (connection: Connection) => new LeaseStore(connection), inject: [DATABASE] },
      {
        provide: ProjectionMarkers,
        useFactory: (connection: Connection) => new ProjectionMarkers(connection),
        inject: [DATABASE],
      },
      {
        provide: ProjectionDesk,
        useFactory: (markers: ProjectionMarkers) =>
          new ProjectionDesk(markers, rebuildableOf(service), service.lasting ?? {}),
        inject: [ProjectionMarkers],
      },
      {
        provide: Messaging,
        useFactory: (
          modules: ModuleRef,
          options: MessagingOptions,
          bus: MessageBus,
          parkingLot: ParkingLot,
          leases: LeaseStore,
          markers: ProjectionMarkers,
          connection: Connection,
        ) => {
          const askDatabase = () => pingDatabase(connection);
          return new Messaging(bus, () =>
            assemble(service, { modules, options, bus, parkingLot, leases, markers, askDatabase }),
          );
        },
        inject: [ModuleRef, MESSAGING_OPTIONS, MESSAGE_BUS, ParkingLot, LeaseStore, ProjectionMarkers, DATABASE],
      },
      {
        provide: MessagingLifecycle,
        useFactory: (messaging: Messaging) => new MessagingLifecycle(messaging),
        inject: [Messaging],
      },
    ];
    return {
      module: MessagingModule,
      global: true,
      providers,
      exports: [MESSAGE_BUS, Messaging, ParkingLot, ProjectionDesk],
    };
  }

  /** The bus alone, for an app without a database and groups of its own: the gateway, which only follows events. */
  static forFollower(options?: MessagingOptions): DynamicModule {
    const closer: Provider = {
      provide: BusCloser,
      useFactory: (bus: MessageBus) => new BusCloser(bus),
      inject: [MESSAGE_BUS],
    };
    return {
      module: MessagingModule,
      global: true,
      providers: [...busProviders(options), closer],
      exports: [MESSAGE_BUS],
    };
  }
}
