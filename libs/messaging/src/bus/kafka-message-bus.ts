import type { Kafka } from 'kafkajs';
import { silentLogger, type Logger } from '../logger.js';
import { KafkaAdmin } from './kafka-admin.js';
import { createKafka } from './kafka-client.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { KafkaSockets } from './kafka-sockets.js';
import { KafkaSubscription } from './kafka-subscription.js';
import {
  BusClosedError,
  type MessageBus,
  type OutgoingMessage,
  type PartitionLag,
  type Position,
  type PublishOptions,
  type SubscribeOptions,
  type Subscription,
  type TopicSpec,
} from './message-bus.js';

export interface KafkaMessageBusOptions {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Prefix of all topics and groups. */
  readonly namespace: string;
  /** Partitions of a topic that is created; 6 by default. */
  readonly partitions?: number;
  /** How long the broker waits for a member's heartbeat before it gives its partitions away; 6 s, and not less. */
  readonly sessionTimeoutMs?: number;
  readonly logger?: Logger;
}
const DEFAULT_PARTITIONS = 6;
/**
 * The least that Kafka takes. A killed member's partitions stand still for so long, and as long again for each instance
 * that is killed while it joins: several kills in a row must not hold up orders for half a minute.
 */
const SESSION_TIMEOUT_MS = 6_000;

/** Kafka behind the port. kafkajs is known to these files alone. Connects when it is first used. */
export class KafkaMessageBus implements MessageBus {
  private readonly kafka: Kafka;
  private readonly sockets = new KafkaSockets();
  private readonly publisher: KafkaPublisher;
  private readonly background: KafkaPublisher;
  private readonly admin: KafkaAdmin;
  private readonly subscriptions = new Set<Subscription>();
  private readonly logger: Logger;
  private closed = false;

  constructor(private readonly options: KafkaMessageBusOptions) {
    this.logger = options.logger ?? silentLogger;
    const { brokers, clientId } = options;
    this.kafka = createKafka({ brokers, clientId, logger: this.logger, socketFactory: this.sockets.factory });
    this.publisher = new KafkaPublisher(this.kafka, options.namespace);
    this.background = new KafkaPublisher(this.kafka, options.namespace);
    this.admin = new KafkaAdmin(this.kafka, options.namespace, options.partitions ?? DEFAULT_PARTITIONS);
  }

  async publish(messages: readonly OutgoingMessage[], { background = false }: PublishOptions = {}): Promise<void> {
    const { publisher, background: other } = this.open();
    await (background ? other : publisher).publish(messages);
  }

  subscribe(options: SubscribeOptions): Subscription {
    const subscription = new KafkaSubscription(
      this.open().kafka,
      { namespace: this.options.namespace, sessionTimeoutMs: this.options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS },
      options,
      this.logger,
    );
    this.subscriptions.add(subscription);
    // Rebuilds have one each, and what they read with.
    void subscription.ended.then(() => this.subscriptions.delete(subscription));
    return subscription;
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    await this.admin.run((admin) => admin.ensureTopics(topics));
  }

  async endPositions(topics: readonly string[]): Promise<Position[]> {
    return this.admin.run((admin) => admin.endPositions(topics));
  }

  async startPositions(topics: readonly string[]): Promise<Position[]> {
    return this.admin.run((admin) => admin.startPositions(topics));
  }

  async positionsAt(topics: readonly string[], time: Date): Promise<Position[]> {
    return this.admin.run((admin) => admin.positionsAt(topics, time));
  }

  async committed(group: string, topics: readonly string[]): Promise<Position[]> {
    return this.admin.run((admin) => admin.committed(group, topics));
  }

  async lag(group: string, topics: readonly string[]): Promise<PartitionLag[]> {
    return this.admin.run((admin) => admin.lag(group, topics));
  }

  async memberCount(group: string): Promise<number> {
    return this.admin.run((admin) => admin.memberCount(group));
  }

  async deleteGroup(group: string): Promise<void> {
    await this.admin.run((admin) => admin.deleteGroup(group));
  }

  /** Deletes all topics and groups of the namespace, for tests. @throws TypeError when the namespace is empty. */
  async dropNamespace(): Promise<void> {
    await this.admin.run((admin) => admin.dropNamespace());
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await Promise.all([this.publisher.close(), this.background.close(), this.admin.close()]);
    this.sockets.close();
  }

  private open(): this {
    if (this.closed) throw new BusClosedError();
    return this;
  }
}
