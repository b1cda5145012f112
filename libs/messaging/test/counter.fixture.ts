import { event, type EventEnvelope } from '#contracts';
import { AggregateRepository, connectDatabase, databaseName, LeaseStore } from '#persistence';
import { eventually, startTestServers, type TestServerOptions, type TestServers } from '#testing';
import {
  ConsumerRunner,
  encodeEvent,
  EventProcessor,
  KafkaMessageBus,
  messagingMetrics,
  on,
  OutboxRelay,
  ParkedRetrier,
  ParkingLot,
  silentLogger,
  type EventRoute,
  type Leases,
  type MessageBus,
  type ProcessorOptions,
  type RunnerOptions,
} from '#messaging';
import { Kafka, logLevel } from 'kafkajs';
import type { Connection } from 'mongoose';
import { Registry } from 'prom-client';
import { Counted, Renamed } from './counter.events.js';

export type CountedEvent = EventEnvelope<'counter.counted', { n: number }>;
export type CountedHandler = (event: CountedEvent) => Promise<void>;
export interface Counter {
  n: number;
}

export class CounterRepository extends AggregateRepository<Counter> {
  constructor(connection: Connection) {
    super(connection, { name: 'counters', indexes: [] });
  }

  /** The counter's next event has its count as data and as version. */
  async count(id: string, times = 1): Promise<void> {
    for (let done = 0; done < times; done++) {
      const outcome = await this.mutate(id, ({ n }) => ({
        state: { n: n + 1 },
        events: [event(Counted, { n: n + 1 })],
      }));
      if (outcome === null) await this.insert(id, { n: 1 }, [event(Counted, { n: 1 })]);
    }
  }
}

/** A service without Nest: database, bus, repository, parking lot, and what a test makes of them. */
export class CounterService {
  readonly metrics = messagingMetrics(new Registry());
  private readonly ends: (() => Promise<void>)[] = [];

  private constructor(
    readonly servers: TestServers,
    readonly connection: Connection,
    readonly counters: CounterRepository,
    readonly leases: LeaseStore,
    readonly parkingLot: ParkingLot,
    readonly bus: KafkaMessageBus,
  ) {}

  static async start(options?: TestServerOptions): Promise<CounterService> {
    const servers = await startTestServers(options);
    const connection = await connectDatabase({
      uri: servers.mongodbUri,
      name: databaseName(servers.namespace, 'counter'),
    });
    const stores = [new CounterRepository(connection), new LeaseStore(connection), new ParkingLot(connection)] as const;
    for (const store of stores) await store.onModuleInit();
    const bus = newBus(servers);
    await bus.ensureTopics([{ topic: Counted.topic }]);
    return new CounterService(servers, connection, ...stores, bus);
  }

  /** As another process would have it: the repository there knows nothing of writes here. */
  newConnectionOfSameDatabase(): Connection {
    return this.connection.useDb(this.connection.name, { useCache: false });
  }

  /** Another client of the broker, as another process would have. */
  newBus(): KafkaMessageBus {
    const bus = newBus(this.servers);
    this.ends.push(() => bus.close());
    return bus;
  }

  newRelay({
    bus = this.bus as MessageBus,
    counters = this.counters,
    instance = 'a',
    pollIntervalMs = 100,
    leases = this.leases as Leases,
    now = () => new Date(),
  } = {}): OutboxRelay {
    const { metrics } = this;
    const relay = new OutboxRelay({
      service: 'counter',
      bus,
      aggregates: [counters],
      contracts: [Counted, Renamed],
      leases,
      instance,
      metrics,
      logger: silentLogger,
      pollIntervalMs,
      now,
    });
    this.ends.push(() => relay.stop());
    return relay;
  }

  /** Publishes counts of a counter without a database. */
  async publishCounts(id: string, from: number, to: number): Promise<void> {
    const messages = upTo(to - from + 1).map((index) => {
      const n = from + index - 1;
      return encodeEvent(Counted, {
        id: `event_${id}_${n}`,
        type: Counted.type,
        source: '/counter',
        subject: id,
        version: n,
        key: id,
        time: new Date().toISOString(),
        data: { n },
      });
    });
    await this.bus.publish(messages);
  }

  /** Deletes the topic of counts, and makes it again as another process would: a client that knew it before can not. */
  async makeTopicAnew(): Promise<void> {
    const { kafkaBrokers: brokers, namespace } = this.servers;
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [namespace + Counted.topic] });
    await admin.disconnect();
    const bus = this.newBus();
    await eventually(() => bus.ensureTopics([{ topic: Counted.topic }]), { timeoutMs: 20_000 });
  }

  newProcessor(
    group: string,
    routes: readonly EventRoute[],
    times: Pick<ProcessorOptions, 'handlerTimeoutMs' | 'patienceMs'> = {},
  ): EventProcessor {
    const { parkingLot, metrics } = this;
    return new EventProcessor({ group, routes, parkingLot, metrics, logger: silentLogger, ...times });
  }

  /** Tries what the processor's group has parked, when it is told to. */
  newRetrier(processor: EventProcessor): ParkedRetrier {
    return new ParkedRetrier({ parkingLot: this.parkingLot, processors: [processor], logger: silentLogger });
  }

  newRunner(group: string, handler: CountedHandler, processor?: EventProcessor): ConsumerRunner {
    return this.newMember(group, handler, processor).runner;
  }

  /** A member of a group, with connections of its own. */
  newMember(group: string, handler: CountedHandler, processor = this.newProcessor(group, [on(Counted, handler)])) {
    const bus = this.newBus();
    return { runner: this.newRunnerOf(processor, { bus }), bus };
  }

  newRunnerOf(processor: EventProcessor, options: Partial<RunnerOptions> = {}): ConsumerRunner {
    const runner = new ConsumerRunner({
      bus: this.bus,
      topics: [Counted.topic],
      processor,
      metrics: this.metrics,
      logger: silentLogger,
      commitIntervalMs: 200,
      ...options,
    });
    this.ends.unshift(() => runner.stop());
    return runner;
  }

  async stop(): Promise<void> {
    for (const end of this.ends) await end();
    await this.bus.close();
    await this.connection.close();
    await this.servers.stop();
  }
}

const newBus = ({ kafkaBrokers, namespace }: TestServers): KafkaMessageBus =>
  new KafkaMessageBus({ brokers: kafkaBrokers, namespace, clientId: 'counter', sessionTimeoutMs: 6_000 });

/** Deliveries of each counter, in the order in which they came; repetitions left out. */
export function firstDeliveries(deliveries: readonly CountedEvent[]): Map<string, number[]> {
  const byId = new Map<string, number[]>();
  for (const { subject, version } of deliveries) {
    const versions = byId.get(subject) ?? [];
    if (!versions.includes(version)) versions.push(version);
    byId.set(subject, versions);
  }
  return byId;
}

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
