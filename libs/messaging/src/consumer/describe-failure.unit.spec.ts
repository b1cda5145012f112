import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { Counted } from '../../test/counter.events.js';
import type { IncomingMessage } from '../bus/message-bus.js';
import { encodeEvent } from '../cloud-event.js';
import { silentLogger } from '../logger.js';
import { messagingMetrics } from '../metrics.js';
import { describeFailure } from './describe-failure.js';
import { EventProcessor } from './event-processor.js';
import { on, onBatch, type EventRoute } from './event-route.js';

function message(value?: string): IncomingMessage {
  const { topic, headers, ...encoded } = encodeEvent(Counted, {
    id: 'event_1',
    type: Counted.type,
    source: '/catalog',
    subject: 'a',
    version: 1,
    key: 'a',
    time: new Date(0).toISOString(),
    data: { n: 1 },
  });
  const sent = { value: Buffer.from(value ?? encoded.value), headers: new Map(Object.entries(headers)) };
  return { topic, partition: 0, offset: 0n, key: 'a', ...sent };
}

/** What an event comes to at its first delivery, and when it is tried again out of the parking lot. */
async function failuresOf(route: EventRoute, given: IncomingMessage) {
  const errors: Error[] = [];
  const processor = new EventProcessor({
    group: 'test.group',
    routes: [route],
    parkingLot: {
      linesOf: () => Promise.resolve(new Set()),
      isParked: () => Promise.resolve(false),
      park: async (_group, _message, reason) => void errors.push(...(reason ? [reason.error] : [])),
      removeAll: () => Promise.resolve(),
      fail: () => Promise.resolve(),
      renew: () => Promise.resolve(),
    },
    metrics: messagingMetrics(new Registry()),
    logger: silentLogger,
    sleep: () => Promise.resolve(),
  });
  // The first delivery of all reads the lines of the lot; the others go the short way.
  for (const one of [given, given]) await processor.processMany([one], new AbortController().signal);
  const again = await processor.attempt(given);
  if ('error' in again) errors.push(again.error);
  return errors.map(describeFailure);
}

const failAtOnce = (): Promise<void> => {
  throw new TypeError('a defect');
};
const failLater = async (): Promise<void> => {
  await Promise.resolve();
  throw new Error('a trouble');
};

describe('the fingerprint of a failure', () => {
  test.each<[string, EventRoute, string | undefined]>([
    ['a handler that throws', on(Counted, failAtOnce), undefined],
    ['a handler that rejects', on(Counted, failLater), undefined],
    ['a handler of batches', onBatch(Counted, failLater), undefined],
    ['a value that is no JSON', on(Counted, () => Promise.resolve()), '{"poison'],
  ])('is the same at first and when it is tried again: %s', async (_name, route, value) => {
    const failures = await failuresOf(route, message(value));
    expect(failures).toHaveLength(3);
    expect(new Set(failures.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  test('is another for another place, and for another kind', async () => {
    const [atOnce] = await failuresOf(on(Counted, failAtOnce), message());
    const [later] = await failuresOf(on(Counted, failLater), message());
    const [broken] = await failuresOf(on(Counted, failAtOnce), message('{"poison'));
    const [wrong] = await failuresOf(on(Counted, failAtOnce), message('{"n":"one"}'));
    expect(new Set([atOnce, later, broken, wrong].map((failure) => failure?.fingerprint)).size).toBe(4);
  });
});
