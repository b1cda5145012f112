import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import type { Logger } from '../logger.js';
import { BRIEF_RETRY } from './kafka-client.js';
import { KafkaHeaders } from './kafka-headers.js';
import { partitionName } from './partition-name.js';
import {
  BusClosedError,
  type IncomingMessage,
  type Position,
  type SubscribeOptions,
  type Subscription,
  type TopicPartition,
} from './message-bus.js';

/** Heartbeats each second make leaving and rebalancing quick. */
const CONSUMER = {
  rebalanceTimeout: 20_000,
  heartbeatInterval: 1_000,
  minBytes: 1,
  maxWaitTimeInMs: 250,
  maxBytesPerPartition: 512 * 1024,
  allowAutoTopicCreation: false,
  // A crashed consumer is replaced by a new one here, whatever kafkajs thinks of the error.
  retry: { ...BRIEF_RETRY, restartOnFailure: () => Promise.resolve(false) },
} as const;
/** Few fetches, each with many messages; heartbeats go between them. */
const PATIENT = { minBytes: 256 * 1024, maxWaitTimeInMs: 500 } as const;
/** A pause, a resumption and an end take effect when the fetch under way has come back. */
const BRIEF = { maxWaitTimeInMs: 25 } as const;
/** kafkajs has been seen to stop in silence (its issue 659); a healthy consumer shows life each 250 ms. */
const SILENCE_MS = 45_000;
const BACKOFF_MS = { first: 200, longest: 5_000 };
const CLOSE_TIMEOUT_MS = 5_000;

/** One consumer of one group that is kept alive until it is closed: kafkajs's own end in a crash after any trouble. */
export class KafkaSubscription implements Subscription {
  readonly joined: Promise<void>;
  private readonly closing = new AbortController();
  /** Resolves when it is closed. */
  readonly ended: Promise<void>;
  private consumer: Consumer | undefined;
  /** Ends the consumer. */
  private giveUp: (reason: unknown) => void = () => undefined;
  /** The last offset that came of each partition since the group was joined. */
  private readonly delivered = new Map<string, bigint>();
  private resolveJoined: () => void = () => undefined;
  private rejectJoined: (error: Error) => void = () => undefined;
  private failures = 0;

  constructor(
    private readonly kafka: Kafka,
    private readonly settings: { readonly namespace: string; readonly sessionTimeoutMs: number },
    private readonly options: SubscribeOptions,
    private readonly logger: Logger,
  ) {
    this.joined = new Promise((resolve, reject) => {
      this.resolveJoined = resolve;
      this.rejectJoined = reject;
    });
    this.joined.catch(() => undefined);
    this.ended = this.keepAlive();
  }

  private get namespace(): string {
    return this.settings.namespace;
  }

  pause({ topic, partition }: TopicPartition): void {
    this.consumer?.pause([{ topic: this.namespace + topic, partitions: [partition] }]);
  }

  resume({ topic, partition }: TopicPartition): void {
    this.consumer?.resume([{ topic: this.namespace + topic, partitions: [partition] }]);
  }

  async commit(positions: readonly Position[]): Promise<void> {
    if (this.consumer === undefined) throw new BusClosedError();
    await this.consumer.commitOffsets(
      positions.map(({ topic, partition, offset }) => ({
        topic: this.namespace + topic,
        partition,
        offset: offset.toString(),
      })),
    );
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.ended;
    this.rejectJoined(new BusClosedError());
  }

  private async keepAlive(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const reason = await this.runUntilItEnds().catch((error: unknown) => error);
      this.options.listener.onRevoked();
      if (signal.aborted) return;
      const delayMs = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** this.failures++);
      this.logger.warn({ group: this.options.group, err: reason, delayMs }, 'consumer ended, starting another');
      await pause(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Returns why the consumer ended. */
  private async runUntilItEnds(): Promise<unknown> {
    const consumer = this.kafka.consumer({
      ...CONSUMER,
      ...(this.options.patient ? PATIENT : {}),
      ...(this.options.brief ? BRIEF : {}),
      groupId: this.namespace + this.options.group,
      // Kafka refuses less than 6 s.
      sessionTimeout: this.settings.sessionTimeoutMs,
    });
    const watch = new AbortController();
    const ended = this.watch(consumer, watch.signal);
    const starting = this.start(consumer, watch.signal);
    try {
      await Promise.race([starting, ended]);
      return await ended;
    } finally {
      watch.abort();
      const isJoining = this.consumer === consumer;
      this.consumer = undefined;
      const over = disconnect(consumer, isJoining ? starting : Promise.resolve());
      await Promise.race([over, pause(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    }
  }

  private async start(consumer: Consumer, over: AbortSignal): Promise<void> {
    await consumer.connect();
    const topics = this.options.topics.map((topic) => this.namespace + topic);
    await consumer.subscribe({ topics, fromBeginning: true });
    // Given up while it connected: by now another may be in its place.
    if (over.aborted || this.closing.signal.aborted) return consumer.disconnect();
    this.consumer = consumer;
    await consumer.run({ autoCommit: false, eachBatch: (payload) => this.handOver(consumer, payload) });
  }

  /** Resolves with the reason when the consumer is of no more use, or the subscription is being closed. */
  private watch(consumer: Consumer, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve) => {
      const { events } = consumer;
      let lastSign = performance.now();
      let mayJoin = true;
      const alive = () => (lastSign = performance.now());
      this.giveUp = resolve;
      consumer.on(events.HEARTBEAT, alive);
      consumer.on(events.FETCH, alive);
      consumer.on(events.CRASH, ({ payload }) => resolve(payload.error));
      consumer.on(events.REBALANCING, () => {
        mayJoin = true;
        this.options.listener.onRevoked();
      });
      consumer.on(events.GROUP_JOIN, ({ payload }) => {
        alive();
        // kafkajs can re-join in the middle of a fetch, and then take other fetches of before for those of now.
        if (!mayJoin) return resolve(new Error('joined again without a rebalance'));
        mayJoin = false;
        if (!signal.aborted) this.onJoined(consumer, payload.memberAssignment);
      });
      const timer = setInterval(() => {
        if (performance.now() - lastSign > SILENCE_MS) resolve(new Error(`no sign of life for ${SILENCE_MS} ms`));
      }, 1_000);
      signal.addEventListener('abort', () => clearInterval(timer));
      // Not beyond this consumer: it would be kept for as long as the subscription lasts.
      this.closing.signal.addEventListener('abort', () => resolve(undefined), { once: true, signal });
      if (this.closing.signal.aborted) resolve(undefined);
    });
  }

  private onJoined(consumer: Consumer, assignment: Record<string, number[]>): void {
    const assigned = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic: topic.slice(this.namespace.length), partition })),
    );
    this.failures = 0;
    this.delivered.clear();
    for (const { topic, partition } of assigned)
      consumer.resume([{ topic: this.namespace + topic, partitions: [partition] }]);
    for (const { topic, partition, offset } of this.options.positions?.() ?? [])
      consumer.seek({ topic: this.namespace + topic, partition, offset: offset.toString() });
    this.options.listener.onAssigned(assigned);
    this.resolveJoined();
  }

  /** Never throws: kafkajs ends the consumer for good on a TypeError. */
  private handOver(consumer: Consumer, { batch, isRunning, isStale }: EachBatchPayload): Promise<void> {
    if (consumer !== this.consumer || !isRunning() || isStale()) return Promise.resolve();
    const from = { topic: batch.topic.slice(this.namespace.length), partition: batch.partition };
    const messages = batch.messages.map((message) => toIncoming(from, message));
    const end = BigInt(batch.highWatermark);
    // Its topic was made anew, or it was cut by a broker that has less of it. What comes would be taken for what came before.
    if (end <= (this.delivered.get(partitionName(from)) ?? -1n)) {
      this.giveUp(new Error(`${partitionName(from)} ends before what was read of it`));
      return Promise.resolve();
    }
    const last = messages.at(-1);
    if (last !== undefined) this.delivered.set(partitionName(from), last.offset);
    try {
      this.options.listener.onMessages(from, messages, end);
    } catch (error) {
      this.logger.error({ ...from, err: error }, 'a subscription listener threw');
    }
    return Promise.resolve();
  }
}

/**
 * kafkajs 2.2.4 forgets a consumer that is stopped while it joins, and lets it join and fetch for ever: so it is stopped
 * when it has joined, or failed to.
 */
async function disconnect(consumer: Consumer, joining: Promise<void>): Promise<void> {
  await joining.catch(() => undefined);
  await consumer.disconnect().catch(() => undefined);
}

const toIncoming = ({ topic, partition }: TopicPartition, message: KafkaMessage): IncomingMessage => ({
  topic,
  partition,
  // A bigint is made of a number in a fraction of the time that it takes from text; no offset is beyond 2^53.
  offset: BigInt(Number(message.offset)),
  key: message.key === null ? null : message.key.toString(),
  value: message.value,
  headers: new KafkaHeaders(message.headers ?? {}),
});
