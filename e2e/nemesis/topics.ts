import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type Admin, type KafkaMessage, type Producer } from 'kafkajs';
import { KafkaSockets } from '#messaging';
import type { Message } from './checker/recording.js';
import type { Servers } from './world.js';

export interface Delivered {
  readonly topic: string;
  readonly partition: number;
  readonly message: KafkaMessage;
}

/** Marks what the run made to be parked. */
export const POISON_HEADER = 'nemesis';

/** A Kafka client that has nothing to do with the services, but that both need to end what kafkajs forgets. */
export class Topics {
  readonly seen: Delivered[] = [];
  private readonly kafka: Kafka;
  private readonly places = new Set<string>();
  private readonly open: { disconnect(): Promise<void> }[] = [];
  private producer: Producer | undefined;
  private readonly sockets = new KafkaSockets();
  private closed = false;

  constructor(private readonly servers: Servers) {
    const restartOnFailure = (): Promise<boolean> => Promise.resolve(!this.closed);
    const retry = { initialRetryTime: 200, maxRetryTime: 1_000, retries: 30, restartOnFailure };
    this.kafka = new Kafka({
      brokers: servers.kafkaBrokers,
      clientId: 'nemesis',
      logLevel: logLevel.NOTHING,
      retry,
      socketFactory: this.sockets.factory,
    });
  }

  /** Follows all topics of events from their beginning. */
  async follow(): Promise<void> {
    const topics = await this.asAdmin((admin) => this.names(admin));
    const groupId = `${this.servers.namespace}nemesis-${randomUUID()}`;
    // It waits for the answer to its last fetch when it is closed.
    const consumer = this.kafka.consumer({ groupId, maxWaitTimeInMs: 500 });
    this.open.push(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ topic, partition, message }) => {
        const place = `${topic} ${partition} ${message.offset}`;
        if (!this.places.has(place)) this.seen.push({ topic, partition, message });
        this.places.add(place);
        return Promise.resolve();
      },
    });
  }

  /** @throws while there are messages that have not been read. */
  async caughtUp(): Promise<void> {
    const last = new Map<string, number>();
    for (const { topic, partition, message } of this.seen) {
      const place = `${topic} ${partition}`;
      last.set(place, Math.max(last.get(place) ?? 0, Number(message.offset) + 1));
    }
    await this.asAdmin(async (admin) => {
      for (const topic of await this.names(admin)) {
        for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
          const read = last.get(`${topic} ${partition}`) ?? 0;
          if (read < Number(high)) throw new Error(`${topic} is read up to ${read} of ${high}`);
        }
      }
    });
  }

  /** Messages for the checker: those of a partition in its order. */
  recorded(): Message[] {
    return this.seen
      .toSorted((a, b) => Number(a.message.offset) - Number(b.message.offset))
      .map(({ topic, partition, message }) => {
        const header = (name: string): string => String(message.headers?.[name] ?? '');
        return {
          topic: topic.slice(this.servers.namespace.length),
          partition,
          offset: Number(message.offset),
          eventId: header('ce_id'),
          type: header('ce_type'),
          subject: header('ce_subject'),
          version: Number(header('ce_aggregateversion')),
          value: String(message.value),
          poison: header(POISON_HEADER) === 'poison',
        };
      });
  }

  /** Sends messages once more, byte by byte, to where they were. */
  async repeat(messages: readonly Delivered[]): Promise<void> {
    const producer = await this.sender();
    const topicMessages = [...new Set(messages.map(({ topic }) => topic))].map((topic) => ({
      topic,
      messages: messages
        .filter((one) => one.topic === topic)
        .map(({ partition, message: { key, value, timestamp, headers = {} } }) => ({
          key,
          value,
          timestamp,
          headers,
          partition,
        })),
    }));
    await producer.sendBatch({ acks: -1, topicMessages });
  }

  /** Sends a message of this type whose value is no JSON, under a key that nothing else has. */
  async poison(topic: string, type: string, name: string): Promise<void> {
    const producer = await this.sender();
    const headers = {
      ce_specversion: '1.0',
      ce_id: name,
      ce_type: type,
      ce_source: '/nemesis',
      ce_subject: name,
      ce_time: new Date().toISOString(),
      ce_aggregateversion: '1',
      [POISON_HEADER]: 'poison',
    };
    await producer.send({
      topic: this.servers.namespace + topic,
      acks: -1,
      messages: [{ key: name, value: '{"poison', headers }],
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    try {
      await Promise.all(this.open.map((client) => client.disconnect()));
    } finally {
      this.sockets.close();
    }
  }

  private async names(admin: Admin): Promise<string[]> {
    const all = await admin.listTopics();
    return all.filter((name) => name.startsWith(this.servers.namespace) && name.endsWith('.v1'));
  }

  private async asAdmin<Answer>(ask: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      return await ask(admin);
    } finally {
      await admin.disconnect();
    }
  }

  private async sender(): Promise<Producer> {
    if (this.producer === undefined) {
      this.producer = this.kafka.producer();
      this.open.push(this.producer);
      await this.producer.connect();
    }
    return this.producer;
  }
}
