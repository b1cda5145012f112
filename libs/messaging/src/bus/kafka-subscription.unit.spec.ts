import { getEventListeners } from 'node:events';
import { expect, jest, test } from '@jest/globals';
import { Kafka, logLevel, type Consumer } from 'kafkajs';
import { silentLogger } from '../logger.js';
import { KafkaSubscription } from './kafka-subscription.js';

const ends = 3;

test('a subscription whose consumers end again and again keeps none of them', async () => {
  const listening = jest.spyOn(EventTarget.prototype, 'addEventListener');
  const kept: number[] = [];
  let resolveEnded = (): void => undefined;
  const ended = new Promise<void>((resolve) => (resolveEnded = resolve));
  const warn = (): void => {
    const targets: readonly unknown[] = [...new Set(listening.mock.contexts)];
    const live = targets.flatMap((target) => (target instanceof AbortSignal && !target.aborted ? [target] : []));
    kept.push(live.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0));
    if (kept.length === ends) resolveEnded();
  };
  // Nobody listens there.
  const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  const listener = { onAssigned: jest.fn(), onMessages: jest.fn(), onRevoked: jest.fn() };
  const options = { group: 'g', topics: ['t'], listener };
  const settings = { namespace: '', sessionTimeoutMs: 6_000 };
  const subscription = new KafkaSubscription(kafka, settings, options, { ...silentLogger, warn });
  await ended;
  await subscription.close();
  expect(listening.mock.contexts.length).toBeGreaterThan(ends);
  listening.mockRestore();
  expect(kept).toEqual(Array(ends).fill(0));
});

test('a consumer that was given up while it connected takes no place of another when it has connected', async () => {
  const connecting = new Deferred();
  const [late, next] = [fakeConsumer(connecting.promise), fakeConsumer(Promise.resolve())];
  const consumers = [late, next];
  const kafka = { consumer: () => consumers.shift()?.consumer } as unknown as Kafka;
  const listener = { onAssigned: jest.fn(), onMessages: jest.fn(), onRevoked: jest.fn() };
  const settings = { namespace: '', sessionTimeoutMs: 6_000 };
  const options = { group: 'g', topics: ['t'], listener };
  const subscription = new KafkaSubscription(kafka, settings, options, silentLogger);
  late.crash();
  await next.running;
  connecting.resolve();
  await new Promise(setImmediate);
  await subscription.commit([{ topic: 't', partition: 0, offset: 1n }]);
  await subscription.close();
  expect(late.run).not.toHaveBeenCalled();
  expect(next.commitOffsets).toHaveBeenCalledTimes(1);
});

class Deferred {
  resolve: () => void = () => undefined;
  readonly promise = new Promise<void>((resolve) => (this.resolve = resolve));
}

function fakeConsumer(connected: Promise<void>) {
  const listeners = new Map<string, (event: object) => void>();
  const joined = new Deferred();
  const run = jest.fn(async () => joined.resolve());
  const commitOffsets = jest.fn(async () => undefined);
  const consumer = {
    events: { CRASH: 'crash' },
    on: (name: string, listener: (event: object) => void) => listeners.set(name, listener),
    connect: () => connected,
    subscribe: async () => undefined,
    disconnect: async () => undefined,
    run,
    commitOffsets,
  } as unknown as Consumer;
  const crash = () => listeners.get('crash')?.({ payload: { error: new Error('crashed') } });
  return { consumer, run, commitOffsets, crash, running: joined.promise };
}
