import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { BRIEF_RETRY } from './kafka-client.js';
import { BusClosedError, type PartitionLag, type Position, type TopicSpec } from './message-bus.js';
import { whenLed } from './when-led.js';

const MAX_REPLICAS = 3;
const LEADERS_TIMEOUT_MS = 20_000;

/** Topics, groups and offsets. Names are without the namespace. */
export class KafkaAdmin {
  private connected: Promise<Admin> | undefined;
  private readonly underWay = new Set<Promise<unknown>>();
  private closed = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly namespace: string,
    private readonly partitions: number,
  ) {}

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    const admin = await this.admin();
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !existing.has(this.namespace + topic));
    if (missing.length > 0) {
      const models = missing.flatMap(({ like }) => (like && existing.has(this.namespace + like) ? [like] : []));
      const partitions = await this.partitionCounts(admin, models);
      const { brokers } = await admin.describeCluster();
      const replicationFactor = Math.min(MAX_REPLICAS, brokers.length);
      // Answers false where all of them exist by now: another service was faster.
      await admin
        .createTopics({
          waitForLeaders: false,
          topics: missing.map(({ topic, like = '', config = {} }) => ({
            topic: this.namespace + topic,
            numPartitions: partitions.get(like) ?? this.partitions,
            replicationFactor,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          })),
        })
        .catch(ignoreExisting);
    }
    await this.waitForLeaders(topics.map(({ topic }) => this.namespace + topic));
  }

  endPositions(topics: readonly string[]): Promise<Position[]> {
    return this.positions(topics, (admin, name) => admin.fetchTopicOffsets(name), 'high');
  }

  startPositions(topics: readonly string[]): Promise<Position[]> {
    return this.positions(topics, (admin, name) => admin.fetchTopicOffsets(name), 'low');
  }

  positionsAt(topics: readonly string[], time: Date): Promise<Position[]> {
    return this.positions(topics, (admin, name) => admin.fetchTopicOffsetsByTimestamp(name, time.getTime()), 'offset');
  }

  async committed(group: string, topics: readonly string[]): Promise<Position[]> {
    const admin = await this.admin();
    const names = topics.map((topic) => this.namespace + topic);
    const committed = await admin.fetchOffsets({ groupId: this.namespace + group, topics: names });
    return committed.flatMap(({ topic, partitions }) =>
      partitions
        .map(({ partition, offset }) => ({
          topic: topic.slice(this.namespace.length),
          partition,
          offset: BigInt(offset),
        }))
        .filter(({ offset }) => offset >= 0n),
    );
  }

  private async positions<Field extends string>(
    topics: readonly string[],
    ask: (admin: Admin, name: string) => Promise<({ partition: number } & Record<Field, string>)[]>,
    field: Field,
  ): Promise<Position[]> {
    const admin = await this.admin();
    const found = await Promise.all(
      topics.map(async (topic) =>
        (await whenLed(() => ask(admin, this.namespace + topic))).map((row) => ({
          topic,
          partition: row.partition,
          offset: BigInt(row[field]),
        })),
      ),
    );
    return found.flat();
  }

  async lag(group: string, topics: readonly string[]): Promise<PartitionLag[]> {
    const admin = await this.admin();
    const committed = await admin.fetchOffsets({
      groupId: this.namespace + group,
      topics: topics.map((topic) => this.namespace + topic),
    });
    const lags = await Promise.all(
      committed.map(async ({ topic, partitions }) => {
        const offsets = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
        return (await whenLed(() => admin.fetchTopicOffsets(topic))).map(({ partition, low, high }) => {
          const next = offsets.get(partition) ?? -1n;
          const lag = BigInt(high) - (next < 0n ? BigInt(low) : next);
          return { topic: topic.slice(this.namespace.length), partition, lag: lag < 0n ? 0n : lag };
        });
      }),
    );
    return lags.flat();
  }

  async memberCount(group: string): Promise<number> {
    const admin = await this.admin();
    const { groups } = await admin.describeGroups([this.namespace + group]);
    return groups[0]?.members.length ?? 0;
  }

  async deleteGroup(group: string): Promise<void> {
    const admin = await this.admin();
    await admin.deleteGroups([this.namespace + group]);
  }

  /** Deletes all topics and groups whose names begin with the namespace. @throws TypeError without a namespace. */
  async dropNamespace(): Promise<void> {
    if (this.namespace === '') throw new TypeError('there is no namespace to drop');
    const admin = await this.admin();
    const ours = (name: string) => name.startsWith(this.namespace);
    const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter(ours);
    if (groups.length > 0) await admin.deleteGroups(groups).catch(() => undefined);
    const topics = (await admin.listTopics()).filter(ours);
    if (topics.length > 0) await admin.deleteTopics({ topics });
  }

  private async partitionCounts(admin: Admin, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (topics.length === 0) return new Map();
    const names = [...new Set(topics)].map((topic) => this.namespace + topic);
    const metadata = await admin.fetchTopicMetadata({ topics: names });
    return new Map(
      metadata.topics.map(({ name, partitions }) => [name.slice(this.namespace.length), partitions.length]),
    );
  }

  /** What is under way fails, or ends. */
  async close(): Promise<void> {
    this.closed = true;
    const admin = await this.connected?.catch(() => undefined);
    await admin?.disconnect();
    // kafkajs connects again for whoever asks after that.
    await Promise.allSettled(this.underWay);
    await admin?.disconnect();
  }

  /** All questions go through this, so that closing waits for them. Rejects with BusClosedError. */
  async run<Answer>(question: (admin: this) => Promise<Answer>): Promise<Answer> {
    if (this.closed) throw new BusClosedError();
    const answer = question(this);
    this.underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.underWay.delete(answer);
    }
  }

  private admin(): Promise<Admin> {
    this.connected ??= this.connect();
    return this.connected;
  }

  private async connect(): Promise<Admin> {
    const admin = this.kafka.admin({ retry: BRIEF_RETRY });
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      this.connected = undefined;
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
  }

  private async waitForLeaders(names: readonly string[]): Promise<void> {
    const admin = await this.admin();
    const deadline = Date.now() + LEADERS_TIMEOUT_MS;
    while (!this.closed) {
      const ready = await admin.fetchTopicMetadata({ topics: [...names] }).then(
        ({ topics }) =>
          topics.every(({ partitions }) => partitions.length > 0 && partitions.every((p) => p.leader >= 0)),
        (error: unknown) => {
          if (Date.now() > deadline) throw error;
          return false;
        },
      );
      if (ready) return;
      if (Date.now() > deadline) throw new Error(`topics without a leader after ${LEADERS_TIMEOUT_MS} ms`);
      await pause(50);
    }
    throw new BusClosedError();
  }
}

function ignoreExisting(error: unknown): void {
  const causes = error instanceof AggregateError || hasErrors(error) ? error.errors : [error];
  if (!causes.every(isExistingTopic)) throw error;
}

const isExistingTopic = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && error.type === 'TOPIC_ALREADY_EXISTS';

/** kafkajs's KafkaJSAggregateError, one error for each topic. */
const hasErrors = (error: unknown): error is { errors: unknown[] } =>
  typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors);
