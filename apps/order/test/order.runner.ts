import type { Type } from '@nestjs/common';
import {
  loadConfig,
  OperationClient,
  OperationRegistry,
  remoteServices,
  ServiceConfig,
  startService,
  TcpIntake,
  type OperationHost,
  type RunningService,
} from '#service-kit';
import { freePort } from '#testing';
import { definition } from '../src/order.service.js';
import { AppProcess } from './child.process.js';

type Variables = Record<string, string>;
/** The services that the order service asks. */
export interface Neighbours {
  readonly identity: OperationHost;
  readonly catalog: OperationHost;
}

/** The order service, wherever it runs. */
export interface OrderRunner {
  readonly client: OperationClient;
  start(): Promise<void>;
  /** As Ctrl-C does. */
  stop(): Promise<unknown>;
  close(): Promise<void>;
}

/** In the test's own process. */
export class InProcess implements OrderRunner {
  readonly client: OperationClient;
  private readonly registry = new OperationRegistry();
  private service: RunningService | undefined;

  constructor(
    private readonly variables: Variables,
    neighbours: Neighbours,
  ) {
    this.registry.register('identity', neighbours.identity);
    this.registry.register('catalog', neighbours.catalog);
    this.client = new OperationClient({ registry: this.registry });
  }

  async start(): Promise<void> {
    const { variables, registry } = this;
    this.service = await startService(definition, { variables, registry });
  }

  get<Part>(token: Type<Part>): Part {
    if (!this.service) throw new Error('the service does not run');
    return this.service.get(token);
  }

  async stop(): Promise<void> {
    await this.service?.close();
  }

  close(): Promise<void> {
    return this.stop();
  }
}

/** In a process of its own, which can be killed. */
export class Alone implements OrderRunner {
  readonly client: OperationClient;
  private readonly remote;

  private constructor(
    variables: Variables,
    private readonly process: AppProcess,
    private readonly intakes: readonly TcpIntake[],
  ) {
    this.remote = remoteServices(loadConfig(ServiceConfig, variables), ['order']);
    this.client = new OperationClient({ registry: new OperationRegistry(), remote: this.remote });
  }

  static async prepare(given: Variables, neighbours: Neighbours): Promise<Alone> {
    const [order, identity, catalog] = [await freePort(), await freePort(), await freePort()];
    const variables = {
      ...given,
      GRAPEVINE_ORDER_URL: `tcp://127.0.0.1:${order}`,
      GRAPEVINE_IDENTITY_URL: `tcp://127.0.0.1:${identity}`,
      GRAPEVINE_CATALOG_URL: `tcp://127.0.0.1:${catalog}`,
      LOG_LEVEL: 'info',
    };
    const host = '127.0.0.1';
    const intakes = [
      new TcpIntake(neighbours.identity, { host, port: identity }),
      new TcpIntake(neighbours.catalog, { host, port: catalog }),
    ];
    for (const intake of intakes) await intake.listen();
    return new Alone(variables, new AppProcess('apps/order/src/main.js', variables), intakes);
  }

  async start(): Promise<void> {
    await this.process.start(/order is ready/);
  }

  /** With the exit status of the process. */
  stop(): Promise<number | null> {
    return this.process.stop('SIGTERM');
  }

  /** kill -9 */
  async kill(): Promise<void> {
    await this.process.stop('SIGKILL');
  }

  async close(): Promise<void> {
    await this.kill();
    for (const channel of this.remote.values()) channel.close();
    for (const intake of this.intakes) await intake.close();
  }
}
