import { expect, test } from '@jest/globals';
import type { IncomingMessage, MessageBus, SubscribeOptions, Subscription } from '../bus/message-bus.js';
import { silentLogger } from '../logger.js';
import { lookBack } from './look-back.js';
import type { StateCopy } from './state-copy.js';

const topic = 'catalog.product.v1';
const messageAt = (offset: number): IncomingMessage => ({
  topic,
  partition: 0,
  offset: BigInt(offset),
  key: `k${offset}`,
  value: null,
  headers: new Map(),
});
const copy = (key: string, version: number): StateCopy => ({
  key,
  version,
  timeMs: 60_000,
  message: { topic: `${topic}.state`, key, value: '', headers: {} },
});

/** A broker with one partition, which delivers all of it at once. */
function busOf(messages: readonly IncomingMessage[], asked: Date[]): MessageBus {
  const place = { topic, partition: 0, offset: 0n };
  const subscription: Subscription = {
    joined: Promise.resolve(),
    pause: () => undefined,
    resume: () => undefined,
    commit: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const bus: Pick<MessageBus, 'positionsAt' | 'startPositions' | 'subscribe' | 'deleteGroup'> = {
    positionsAt: (_, time) => Promise.resolve(asked.push(time)).then(() => [place]),
    startPositions: () => Promise.resolve([place]),
    subscribe: ({ listener }: SubscribeOptions) => {
      queueMicrotask(() => {
        listener.onAssigned([place]);
        listener.onMessages(place, messages, BigInt(messages.length));
      });
      return subscription;
    },
    deleteGroup: () => Promise.resolve(),
  };
  return bus as MessageBus;
}

test('what is asked about is known afterwards, however much was published behind it', async () => {
  const messages = Array.from({ length: 1_200 }, (_, offset) => messageAt(offset));
  const asked: Date[] = [];
  const versions = await lookBack({
    bus: busOf(messages, asked),
    group: 'catalog.state',
    before: messageAt(messages.length),
    doubtful: [copy('k3', 1), copy('new', 1)],
    copiesOf: (some) => some.map(({ key }) => copy(key ?? '', 2)),
    keptVersions: 1,
    logger: silentLogger,
    signal: new AbortController().signal,
  });
  expect(asked).toEqual([new Date(30_000)]);
  expect(versions.newestOf([copy('k3', 1), copy('new', 1)]).map(({ key }) => key)).toEqual(['new']);
});
