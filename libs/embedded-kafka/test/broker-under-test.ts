import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { eventually } from '#testing';
import { startEmbeddedKafka } from '../src/index.js';
import { givenBrokers } from './config.js';
import { WireClient } from './wire-client.js';

/** A running broker with a namespace of its own, and clients that are closed with it. */
export class BrokerUnderTest {
  readonly #namespace = `c${randomBytes(4).toString('hex')}-`;
  readonly #closers: (() => Promise<unknown>)[] = [];
  #names = 0;

  constructor(
    readonly address: string,
    private readonly stopBroker: () => Promise<void>,
  ) {}

  /** A name for a topic or group that nobody else has. */
  name(kind = 'topic'): string {
    this.#names += 1;
    return `${this.#namespace}${kind}${this.#names}`;
  }

  kafka(config: Partial<KafkaConfig> = {}): Kafka {
    const retry = { initialRetryTime: 50, retries: 8 };
    return new Kafka({ brokers: [this.address], logLevel: logLevel.NOTHING, retry, ...config });
  }

  async admin() {
    const admin = this.kafka().admin();
    await admin.connect();
    this.onEnd(() => admin.disconnect());
    return admin;
  }

  async newTopic(numPartitions = 1, configEntries: { name: string; value: string }[] = []): Promise<string> {
    const topic = this.name();
    const admin = await this.admin();
    // kafkajs' own waiting gives up at once where the topic is not known yet, as it may be for a moment on Kafka.
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, configEntries }] });
    await eventually(async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      if (topics[0]?.partitions.length !== numPartitions) throw new Error(`${topic} is not there yet`);
      // Asks each partition's leader, which Kafka may name before that knows of it.
      await admin.fetchTopicOffsets(topic);
    });
    return topic;
  }

  async wire(): Promise<WireClient> {
    const client = await WireClient.connect(this.address);
    this.onEnd(() => client.close());
    return client;
  }

  onEnd(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** Ends clients, the last first; to be called after each test. */
  async closeClients(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close().catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.closeClients();
    const admin = await this.admin();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(this.#namespace));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    await this.closeClients();
    await this.stopBroker();
  }
}

export interface Target {
  readonly name: string;
  start(): Promise<BrokerUnderTest>;
}

const embedded: Target = {
  name: 'embedded broker',
  async start() {
    const dataDir = await mkdtemp(join(tmpdir(), 'embedded-kafka-'));
    const broker = await startEmbeddedKafka({ dataDir });
    return new BrokerUnderTest(broker.brokers, async () => {
      await broker.close();
      await rm(dataDir, { recursive: true, force: true });
    });
  },
};

const given = givenBrokers.slice(0, 1).map((address): Target => ({
  name: 'given broker',
  start: async () => new BrokerUnderTest(address, async () => undefined),
}));

/** The embedded broker always, and the real one where there is one: both must show the same. */
export const targets: readonly Target[] = [embedded, ...given];
