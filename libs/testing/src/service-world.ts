import type { Connection } from 'mongoose';
import type { EventContract, InputOf, OperationContract, OutputOf } from '#contracts';
import { connectDatabase, databaseName } from '#persistence';
import {
  OperationClient,
  OperationRegistry,
  startService,
  type Clock,
  type RunningService,
  type ServiceConfig,
  type ServiceDefinition,
} from '#service-kit';
import { captureEvents, type CapturedEvents } from './capture-events.js';
import { eventPublisher, type EventPublisher } from './event-publisher.js';
import { fakeIdentity, type FakeIdentity, type SignedIn } from './fake-identity.js';
import { recordQueries, type QueryRecorder } from './query-recorder.js';
import { startTestServers, type TestServers } from './test-servers.js';

/** What a service needs around it, with the word that starts an instance of it there. */
export interface ServiceSurroundings {
  readonly name: string;
  readonly servers: TestServers;
  readonly queries: QueryRecorder;
  /** Stands in for the identity service, unless that is the one. */
  readonly identity: FakeIdentity;
  readonly variables: Readonly<Record<string, string>>;
  newRegistry(): OperationRegistry;
  startIn(registry: OperationRegistry): Promise<RunningService>;
}

export interface SurroundingsOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Registers stand-ins for other services than identity. */
  readonly neighbours?: (registry: OperationRegistry) => void;
  readonly clock?: Clock;
}

/** Starts a broker, a database and stand-ins for the neighbours of a service, and not the service. */
export async function surroundingsOf<Config extends ServiceConfig>(
  definition: ServiceDefinition<Config>,
  { settings = {}, neighbours, clock }: SurroundingsOptions = {},
): Promise<ServiceSurroundings> {
  const servers = await startTestServers();
  const queries = recordQueries();
  const identity = await fakeIdentity(servers.namespace);
  const variables = {
    KAFKA_BROKERS: servers.kafkaBrokers.join(),
    MONGODB_URI: servers.mongodbUri,
    GRAPEVINE_NAMESPACE: servers.namespace,
    LOG_LEVEL: 'silent',
    ...settings,
  };
  return {
    name: definition.name,
    servers,
    queries,
    identity,
    variables,
    newRegistry: () => {
      const registry = new OperationRegistry();
      if (definition.name !== 'identity') registry.register('identity', identity.host);
      neighbours?.(registry);
      return registry;
    },
    startIn: (registry) => startService(definition, { variables, registry, ...(clock ? { clock } : {}) }),
  };
}

/** A service between a broker and a database, with stand-ins for its neighbours: the part that all such worlds share. */
export abstract class ServiceWorld {
  readonly servers: TestServers;
  readonly queries: QueryRecorder;
  readonly identity: FakeIdentity;
  readonly events: EventPublisher;
  readonly client: OperationClient;
  private readonly registry: OperationRegistry;
  private readonly closers: (() => Promise<void>)[] = [];
  private running: RunningService | undefined;

  protected constructor(private readonly surroundings: ServiceSurroundings) {
    const { servers, queries, identity } = surroundings;
    this.servers = servers;
    this.queries = queries;
    this.identity = identity;
    this.events = eventPublisher(servers);
    this.registry = surroundings.newRegistry();
    this.client = new OperationClient({ registry: this.registry });
  }

  get service(): RunningService {
    if (this.running === undefined) throw new Error('the service does not run');
    return this.running;
  }

  get variables(): Readonly<Record<string, string>> {
    return this.surroundings.variables;
  }

  async startAgain(): Promise<void> {
    this.running = await this.surroundings.startIn(this.registry);
  }

  /** Another instance, which shares events and database with the first. Resolves when it has its part of the events. */
  async startSecond(): Promise<void> {
    const second = await this.surroundings.startIn(this.surroundings.newRegistry());
    this.closers.push(() => second.close());
    await second.ready();
  }

  async shutDown(): Promise<void> {
    await this.running?.close();
  }

  /** @param meanwhile happens while the service is away. */
  async restart(meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    await this.shutDown();
    await meanwhile();
    await this.startAgain();
  }

  /** To the service's own database. Closed with the world. */
  async connect(): Promise<Connection> {
    const name = databaseName(this.servers.namespace, this.surroundings.name);
    const connection = await connectDatabase({ uri: this.servers.mongodbUri, name });
    this.closers.push(() => connection.close());
    return connection;
  }

  /** What is published from now on and before, until the world stops. */
  async capture(...contracts: EventContract[]): Promise<CapturedEvents> {
    const captured = await captureEvents(this.servers, contracts);
    this.closers.push(() => captured.close());
    return captured;
  }

  async stop(): Promise<void> {
    this.queries.stop();
    await Promise.all(this.closers.map((close) => close()));
    await this.shutDown();
    await this.events.close();
    await this.servers.stop();
  }

  /** Calls an operation as somebody who is signed in, or as nobody. */
  as<Contract extends OperationContract>(
    person: Pick<SignedIn, 'token'> | null,
    contract: Contract & OperationContract<InputOf<Contract>, OutputOf<Contract>>,
    input: InputOf<Contract>,
  ): Promise<OutputOf<Contract>> {
    return this.client.call(contract, input, { token: person?.token ?? null, deadlineMs: 30_000 });
  }
}
