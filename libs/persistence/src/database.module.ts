import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { connectDatabase, type DatabaseOptions } from './connection.js';

/** Token of the service's mongoose `Connection`. */
export const DATABASE = Symbol('DATABASE');
/** `constructor(@InjectDatabase() connection: Connection)` */
export const InjectDatabase = (): ParameterDecorator & PropertyDecorator => Inject(DATABASE);

class DatabaseCloser implements OnApplicationShutdown {
  constructor(private readonly connection: Connection) {}

  /** The last hook that Nest calls: consumers and relay have stopped by then. */
  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}

/** The service's own database, for all of its modules. */
@Module({})
export class DatabaseModule {
  static forService(options: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: DATABASE, useFactory: () => connectDatabase(options) },
        {
          provide: DatabaseCloser,
          useFactory: (connection: Connection) => new DatabaseCloser(connection),
          inject: [DATABASE],
        },
      ],
      exports: [DATABASE],
    };
  }
}
