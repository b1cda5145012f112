import { getEventListeners } from 'node:events';
import { expect, jest, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
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
