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
import { StateReader } from './state-reader.js';

const topic = 'catalog.product.v1.state';
const message = (partition: number, offset: number): IncomingMessage => ({
  topic,
  partition,
  offset: BigInt(offset),
  key: `k${offset}`,
  value: Buffer.from('{}'),
  headers: new Map(),
});

/** A broker with one topic; the test delivers what it likes. */
class ListedTopic {
  listener: SubscribeOptions['listener'] | undefined;
  positions: readonly Position[] = [];
  closed = 0;
  readonly paused: TopicPartition[] = [];

  constructor(private readonly ranges: readonly (readonly [low: number, high: number])[]) {}

  get bus(): MessageBus {
    const at = (index: 0 | 1) =>
      Promise.resolve(this.ranges.map((range, partition) => ({ topic, partition, offset: BigInt(range[index]) })));
    const bus: Pick<MessageBus, 'startPositions' | 'endPositions' | 'subscribe' | 'deleteGroup'> = {
      startPositions: () => at(0),
      endPositions: () => at(1),
      subscribe: (options) => this.subscribe(options),
      deleteGroup: () => Promise.resolve(),
    };
    return bus as MessageBus;
  }

  deliver(partition: number, ...offsets: number[]): void {
    const messages = offsets.map((offset) => message(partition, offset));
    this.listener?.onMessages({ topic, partition }, messages, BigInt(this.ranges[partition]?.[1] ?? 0));
  }

  private subscribe({ listener, positions }: SubscribeOptions): Subscription {
    this.listener = listener;
    this.positions = positions?.() ?? [];
    listener.onAssigned(this.ranges.map((_, partition) => ({ topic, partition })));
    return {
      joined: Promise.resolve(),
      pause: (partition) => void this.paused.push(partition),
      resume: () => undefined,
      commit: () => Promise.resolve(),
      close: async () => void this.closed++,
    };
  }
}

function reading(listed: ListedTopic, signal = new AbortController().signal) {
  const read: string[] = [];
  const reader = new StateReader({
    bus: listed.bus,
    topics: [topic],
    group: 'g',
    process: (messages) => {
      read.push(...messages.map(({ partition, offset }) => `${partition}:${offset}`));
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

  test('is given up when it is aborted, and leaves', async () => {
    const listed = new ListedTopic([[0, 4]]);
    const ending = new AbortController();
    const { done, subscribed } = reading(listed, ending.signal);
    await subscribed();
    ending.abort(new Error('the service stops'));
    await expect(done).rejects.toThrow('the service stops');
    expect(listed.closed).toBe(1);
  });
});
