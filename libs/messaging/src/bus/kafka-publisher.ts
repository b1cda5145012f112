import { Partitioners, type Kafka, type Producer, type TopicMessages } from 'kafkajs';
import { BRIEF_RETRY } from './kafka-client.js';
import { MessageRefusedError, type OutgoingMessage } from './message-bus.js';

/** Types of kafkajs's KafkaJSProtocolError. */
const REFUSALS = new Set<unknown>(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD']);

/**
 * Sends to all in-sync replicas. Never as kafkajs's idempotent producer: after an unclear failure that one takes the
 * next batch for a repetition and loses it, though it is acknowledged. Doubles are dealt with by consumers, losses can't be.
 */
export class KafkaPublisher {
  private connected: Promise<Producer> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly namespace: string,
  ) {}

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    this.connected ??= this.connect();
    const producer = await this.connected;
    try {
      await producer.sendBatch({ acks: -1, topicMessages: byTopic(messages, this.namespace) });
    } catch (error) {
      throw isRefusal(error) ? new MessageRefusedError(error) : error;
    }
  }

  async close(): Promise<void> {
    const producer = await this.connected?.catch(() => undefined);
    await producer?.disconnect();
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: false,
      // More in flight and a retried request overtakes the next one.
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      retry: BRIEF_RETRY,
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      this.connected = undefined;
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && (('type' in error && REFUSALS.has(error.type)) || isRefusal(error.cause));

function byTopic(messages: readonly OutgoingMessage[], namespace: string): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers, partition } of messages) {
    const name = `${namespace}${topic}`;
    const entry = topics.get(name) ?? { topic: name, messages: [] };
    entry.messages.push({ key, value, headers: { ...headers }, ...(partition === undefined ? {} : { partition }) });
    topics.set(name, entry);
  }
  return [...topics.values()];
}
