import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { Registry } from 'prom-client';
import type { Connection } from 'mongoose';
import { stateTopicOf, type EventContract, type EventEnvelope } from '#contracts';
import { connectDatabase, databaseName, LeaseStore, ProjectionCollection } from '#persistence';
import type { TestServers } from '#testing';
import {
  ConsumerRunner,
  encodeEvent,
  EventProcessor,
  KafkaMessageBus,
  messagingMetrics,
  on,
  ParkingLot,
  ProjectionMarkers,
  ProjectionMember,
  silentLogger,
  StateCopier,
  topicSpecsOf,
  type IncomingMessage,
  type MessageBus,
  type OutgoingMessage,
  type ProjectionMemberOptions,
} from '#messaging';
import { Counted, Renamed } from './counter.events.js';

export const GROUP = 'reader.counters';
const CONTRACTS: readonly EventContract[] = [Counted, Renamed];

interface Copy {
  _id: string;
  n?: number;
  name?: string;
}

/** What a projection of counters knows: the last count and the last name of each. */
export class Copies extends ProjectionCollection<Copy> {
  constructor(connection: Connection) {
    super(connection, { name: 'counter-copies', indexes: [] });
  }

  /** How often it was emptied. */
  clears = 0;

  override async clear(): Promise<void> {
    this.clears++;
    await super.clear();
  }

  async all(): Promise<Map<string, Copy>> {
    const documents = await this.model.find().sort({ _id: 1 }).lean<Copy[]>().exec();
    return new Map(documents.map((document) => [document._id, document]));
  }
}

let worlds = 0;

/** A service that publishes counters and one that projects them, without Nest, in a namespace of their own. */
export class StateWorld {
  readonly metrics = messagingMetrics(new Registry());
  /** How often a handler of the projection was called. */
  handled = 0;
  private readonly ends: (() => Promise<unknown>)[] = [];
  private readonly versions = new Map<string, number>();

  private constructor(
    readonly servers: TestServers,
    readonly connection: Connection,
    readonly copies: Copies,
    readonly markers: ProjectionMarkers,
    readonly leases: LeaseStore,
    readonly parkingLot: ParkingLot,
    readonly bus: KafkaMessageBus,
  ) {}

  /** @param stateConfig settings of the state topic beside its own. */
  static async start(given: TestServers, stateConfig: Readonly<Record<string, string>> = {}): Promise<StateWorld> {
    const servers = { ...given, namespace: `${given.namespace}${++worlds}-` };
    const uri = servers.mongodbUri;
    const connection = await connectDatabase({ uri, name: databaseName(servers.namespace, 'reader') });
    const markers = new ProjectionMarkers(connection);
    const stores = [new Copies(connection), markers, new LeaseStore(connection), new ParkingLot(connection)] as const;
    for (const store of stores) await store.onModuleInit();
    const bus = newBus(servers);
    const specs = topicSpecsOf(CONTRACTS).map(({ config, ...spec }) =>
      spec.like === undefined
        ? { ...spec, ...(config ? { config } : {}) }
        : { ...spec, config: { ...config, ...stateConfig } },
    );
    await bus.ensureTopics(specs);
    return new StateWorld(servers, connection, ...stores, bus);
  }

  newBus(): KafkaMessageBus {
    const bus = newBus(this.servers);
    this.ends.push(() => bus.close());
    return bus;
  }

  /** Publishes the next event of a counter, a count or a name, and resolves when the broker has it. */
  tell(id: string, what: { n: number } | { name: string }, version = this.nextVersion(id)): Promise<OutgoingMessage> {
    const contract: EventContract = 'n' in what ? Counted : Renamed;
    const event: EventEnvelope = {
      id: `event_${randomUUID()}`,
      type: contract.type,
      source: '/catalog',
      subject: id,
      version,
      key: id,
      time: new Date().toISOString(),
      data: what,
    };
    return this.tellAgain(encodeEvent(contract, event));
  }

  /** As a relay does that was frozen before it sent. */
  async tellAgain(message: OutgoingMessage): Promise<OutgoingMessage> {
    await this.bus.publish([message]);
    return message;
  }

  newCopier(bus: MessageBus = this.newBus(), keptVersions?: number): ConsumerRunner {
    const { metrics } = this;
    const copier = { service: 'catalog', bus, contracts: CONTRACTS, metrics, logger: silentLogger };
    const processor = new StateCopier({ ...copier, ...(keptVersions === undefined ? {} : { keptVersions }) });
    const topics = [Counted.topic];
    const runner = new ConsumerRunner({
      bus,
      topics,
      processor,
      metrics,
      logger: silentLogger,
      patient: true,
      commitIntervalMs: 100,
    });
    this.ends.unshift(() => runner.stop());
    return runner;
  }

  /** An instance's part in the projection. */
  newMember({
    bus = this.newBus() as MessageBus,
    instance = randomUUID() as string,
    ...given
  }: Partial<ProjectionMemberOptions> = {}): ProjectionMember {
    const { metrics, parkingLot, copies } = this;
    const routes = [
      on(Counted, async ({ subject, version, data }) => {
        this.handled++;
        await copies.applyIfNewer(subject, 'count', version, { $set: { n: data.n } });
      }),
      on(Renamed, async ({ subject, version, data }) => {
        this.handled++;
        await copies.applyIfNewer(subject, 'name', version, { $set: { name: data.name } });
      }),
    ];
    const processor = new EventProcessor({ group: GROUP, routes, parkingLot, metrics, logger: silentLogger });
    const member = new ProjectionMember({
      projection: { name: GROUP, collections: [copies], contracts: CONTRACTS, processor },
      bus,
      markers: this.markers,
      leases: this.leases,
      instance,
      follow: () =>
        new ConsumerRunner({
          bus,
          topics: [Counted.topic],
          processor,
          metrics,
          logger: silentLogger,
          commitIntervalMs: 100,
        }),
      logger: silentLogger,
      times: { watchMs: 50, pollMs: 50, overlapMs: 0 },
      ...given,
    });
    this.ends.unshift(() => member.stop());
    return member;
  }

  /** Takes the events away, as their retention does, and not the states. */
  async deleteEvents(): Promise<void> {
    const { kafkaBrokers: brokers, namespace } = this.servers;
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const topic = namespace + Counted.topic;
    const ends = await admin.fetchTopicOffsets(topic);
    const partitions = ends
      .filter(({ high }) => high !== '0')
      .map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic, partitions });
    await admin.disconnect();
  }

  /** All that is on the state topic, in the order of each partition. */
  async states(): Promise<IncomingMessage[]> {
    const topic = stateTopicOf(Counted.topic);
    const ends = await this.bus.endPositions([topic]);
    const left = new Map(ends.filter(({ offset }) => offset > 0n).map(({ partition, offset }) => [partition, offset]));
    const found: IncomingMessage[] = [];
    if (left.size === 0) return found;
    const bus = this.newBus();
    await new Promise<void>((resolve) => {
      bus.subscribe({
        group: `states-${randomUUID()}`,
        topics: [topic],
        listener: {
          onAssigned: () => undefined,
          onRevoked: () => undefined,
          onMessages: ({ partition }, messages) => {
            found.push(...messages);
            if ((messages.at(-1)?.offset ?? 0n) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
            if (left.size === 0) resolve();
          },
        },
      });
    });
    await bus.close();
    return found;
  }

  async stop(): Promise<void> {
    for (const end of this.ends) await end();
    await this.bus.close();
    await this.connection.close();
  }

  private nextVersion(id: string): number {
    const version = (this.versions.get(id) ?? 0) + 1;
    this.versions.set(id, version);
    return version;
  }
}

const newBus = ({ kafkaBrokers, namespace }: TestServers): KafkaMessageBus =>
  new KafkaMessageBus({ brokers: kafkaBrokers, namespace, clientId: 'state', sessionTimeoutMs: 6_000 });
