import { describe, expect, test } from '@jest/globals';
import type {
  IncomingMessage,
  MessageBus,
  Position,
  SubscribeOptions,
  Subscription,
  TopicPartition,
} from '../bus/message-bus.js';
import { silentLogger } from '../logger.js';
import { StateReader, type StateReaderOptions } from './state-reader.js';

const topic = 'catalog.product.v1.state';
const message = (partition: number, offset: number): IncomingMessage => ({
  topic,
  partition,
  offset: BigInt(offset),
  key: `k${offset}`,
  value: Buffer.from('{}'),
  headers: new Map(),
});

const events = 'catalog.product.v1';

/** A broker with one topic, and another one of events where the test has them; the test delivers what it likes. */
class ListedTopic {
  listener: SubscribeOptions['listener'] | undefined;
  positions: readonly Position[] = [];
  closed = 0;
  readonly paused: TopicPartition[] = [];
  readonly resumed: TopicPartition[] = [];
  eventsEnd = 0;

  constructor(private readonly ranges: readonly (readonly [low: number, high: number])[]) {}

  get bus(): MessageBus {
    const at = (index: 0 | 1, topics: readonly string[]) =>
      Promise.resolve([
        ...(topics.includes(topic) ? this.ranges : []).map((range, partition) => ({
          topic,
          partition,
          offset: BigInt(range[index]),
        })),
        ...(topics.includes(events) ? [{ topic: events, partition: 0, offset: BigInt(index * this.eventsEnd) }] : []),
      ]);
    const bus: Pick<MessageBus, 'startPositions' | 'endPositions' | 'subscribe' | 'deleteGroup'> = {
      startPositions: (topics) => at(0, topics),
      endPositions: (topics) => at(1, topics),
      subscribe: (options) => this.subscribe(options),
      deleteGroup: () => Promise.resolve(),
    };
    return bus as MessageBus;
  }

  deliver(partition: number, ...offsets: number[]): void {
    const messages = offsets.map((offset) => message(partition, offset));
    this.listener?.onMessages({ topic, partition }, messages, BigInt(this.ranges[partition]?.[1] ?? 0));
  }

  deliverEvents(...offsets: number[]): void {
    const messages = offsets.map((offset) => ({ ...message(0, offset), topic: events }));
    this.listener?.onMessages({ topic: events, partition: 0 }, messages, BigInt(this.eventsEnd));
  }

  private subscribe({ listener, positions }: SubscribeOptions): Subscription {
    this.listener = listener;
    this.positions = positions?.() ?? [];
    const assignment = this.positions.map(({ topic: name, partition }) => ({ topic: name, partition }));
    queueMicrotask(() => listener.onAssigned(assignment));
    return {
      joined: Promise.resolve(),
      pause: ({ topic: name, partition }) => void this.paused.push({ topic: name, partition }),
      resume: ({ topic: name, partition }) => void this.resumed.push({ topic: name, partition }),
      commit: () => Promise.resolve(),
      close: async () => void this.closed++,
    };
  }
}

function reading(
  listed: ListedTopic,
  { signal = new AbortController().signal, ...given }: Partial<StateReaderOptions> = {},
) {
  const read: string[] = [];
  const reader = new StateReader({
    bus: listed.bus,
    topics: [topic],
    ...given,
    group: 'g',
    process: (messages) => {
      for (const { topic: name, partition, offset } of messages)
        read.push(`${name === events ? 'event ' : ''}${partition}:${offset}`);
      return Promise.resolve(messages.length);
    },
    onProgress: () => undefined,
    logger: silentLogger,
    signal,
  });
  const done = reader.read();
  done.catch(() => undefined);
  const subscribed = async () => {
    while (listed.listener === undefined) await Promise.resolve();
    await Promise.resolve();
  };
  return { read, done, subscribed };
}

describe('reading states to their end', () => {
  test('takes what there is, from the beginning, and nothing that came later', async () => {
    const listed = new ListedTopic([
      [2, 5],
      [0, 1],
    ]);
    const { read, done, subscribed } = reading(listed);
    await subscribed();
    expect(listed.positions.map(({ offset }) => offset)).toEqual([2n, 0n]);
    listed.deliver(0, 2, 3, 4, 5, 6);
    listed.deliver(1, 0);
    expect(await done).toEqual({ done: 4, total: 4 });
    expect(read.toSorted()).toEqual(['0:2', '0:3', '0:4', '1:0']);
    expect(listed.closed).toBe(1);
  });

  test('subscribes to nothing where there is nothing', async () => {
    const listed = new ListedTopic([
      [0, 0],
      [7, 7],
    ]);
    expect(await reading(listed).done).toEqual({ done: 0, total: 0 });
    expect(listed.listener).toBeUndefined();
  });

  test('of one partition ends where it is told to, and keeps the others from being fetched', async () => {
    const listed = new ListedTopic([
      [0, 9],
      [0, 9],
    ]);
    const at = (offset: bigint) => [{ topic, partition: 0, offset }];
    const { read, done, subscribed } = reading(listed, { from: at(2n), until: at(4n) });
    await subscribed();
    expect(listed.positions).toEqual(at(2n));
    listed.listener?.onAssigned([0, 1].map((partition) => ({ topic, partition })));
    expect(listed.paused).toEqual([{ topic, partition: 1 }]);
    listed.deliver(1, 0, 1);
    listed.deliver(0, 2, 3, 4);
    expect(await done).toEqual({ done: 2, total: 2 });
    expect(read).toEqual(['0:2', '0:3']);
  });

  test('ends where compaction has taken the last ones out: something behind the end was delivered', async () => {
    const listed = new ListedTopic([[0, 10]]);
    const { read, done, subscribed } = reading(listed);
    await subscribed();
    listed.deliver(0, 1, 4, 12);
    expect(await done).toEqual({ done: 10, total: 10 });
    expect(read).toEqual(['0:1', '0:4']);
  });

  test('goes on after a rebalance from where it was, and takes nothing twice', async () => {
    const listed = new ListedTopic([[0, 4]]);
    const { read, done, subscribed } = reading(listed);
    await subscribed();
    listed.deliver(0, 0, 1);
    await Promise.resolve();
    listed.listener?.onRevoked();
    listed.listener?.onAssigned([{ topic, partition: 0 }]);
    listed.deliver(0, 1, 2, 3);
    await done;
    expect(read).toEqual(['0:0', '0:1', '0:2', '0:3']);
  });

  test('waits while more is there than it has taken', async () => {
    const listed = new ListedTopic([[0, 5_000]]);
    const { done, subscribed } = reading(listed);
    await subscribed();
    listed.deliver(0, ...Array.from({ length: 5_000 }, (_, offset) => offset));
    expect(listed.paused).toEqual([{ topic, partition: 0 }]);
    await done;
  });

  test('holds the events back until all states are read, and then takes them up to where they end by then', async () => {
    const listed = new ListedTopic([[0, 2]]);
    listed.eventsEnd = 1;
    const { read, done, subscribed } = reading(listed, { afterwards: [events] });
    await subscribed();
    expect(listed.paused).toEqual([{ topic: events, partition: 0 }]);
    listed.eventsEnd = 3;
    listed.listener?.onRevoked();
    listed.listener?.onAssigned([{ topic: events, partition: 0 }]);
    expect(listed.paused).toHaveLength(2);
    listed.deliver(0, 0, 1);
    while (listed.resumed.length === 0) await Promise.resolve();
    listed.deliverEvents(0, 1, 2);
    expect(await done).toEqual({ done: 5, total: 5 });
    expect(read).toEqual(['0:0', '0:1', 'event 0:0', 'event 0:1', 'event 0:2']);
  });

  test('takes events that came while it read states, where there were none before', async () => {
    const listed = new ListedTopic([[0, 1]]);
    const { read, done, subscribed } = reading(listed, { afterwards: [events] });
    await subscribed();
    listed.eventsEnd = 1;
    listed.deliver(0, 0);
    while (listed.resumed.length === 0) await Promise.resolve();
    listed.deliverEvents(0);
    await done;
    expect(read).toEqual(['0:0', 'event 0:0']);
  });

  test('begins with the events where there are no states', async () => {
    const listed = new ListedTopic([[4, 4]]);
    listed.eventsEnd = 1;
    const { read, done, subscribed } = reading(listed, { afterwards: [events] });
    await subscribed();
    expect(listed.paused).toEqual([]);
    listed.deliverEvents(0);
    await done;
    expect(read).toEqual(['event 0:0']);
  });

  test('is given up when it is aborted, and leaves', async () => {
    const listed = new ListedTopic([[0, 4]]);
    const ending = new AbortController();
    const { done, subscribed } = reading(listed, { signal: ending.signal });
    await subscribed();
    ending.abort(new Error('the service stops'));
    await expect(done).rejects.toThrow('the service stops');
    expect(listed.closed).toBe(1);
  });
});
