import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { repairKafkajs } from './kafkajs-repair.js';

interface RequestQueue {
  readonly throttleCheckTimeoutId: NodeJS.Timeout | null;
  push(request: { entry: { correlationId: number }; expectResponse: boolean; sendRequest(): void }): void;
  fulfillRequest(answer: { correlationId: number; payload: object; size: number }): void;
  maybeThrottle(ms: number): void;
  destroy(): void;
}
type Constructor = new (options: object) => RequestQueue;

const silent = { debug: () => undefined, warn: () => undefined };
const REQUEST = { apiKey: 1, apiName: 'Fetch', apiVersion: 1, resolve: () => undefined, reject: () => undefined };

describe('the requests of a kafkajs connection', () => {
  let queue: RequestQueue;
  let sent: number[];

  beforeEach(() => {
    repairKafkajs();
    const Queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as Constructor;
    queue = new Queue({ maxInFlightRequests: 1, requestTimeout: 1_000, clientId: 'a', broker: 'b', logger: silent });
    sent = [];
  });
  afterEach(() => queue.destroy());

  const ask = (correlationId: number): void => {
    const entry = { ...REQUEST, correlationId };
    queue.push({ entry, expectResponse: true, sendRequest: () => void sent.push(correlationId) });
  };
  const answer = (correlationId: number): void =>
    queue.fulfillRequest({ correlationId, payload: { byteLength: 0 }, size: 0 });

  test('have no timer when none waits', () => {
    ask(1);
    answer(1);
    expect(sent).toEqual([1]);
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  test('that wait for one under way go when it is answered', () => {
    ask(1);
    ask(2);
    expect(sent).toEqual([1]);
    answer(1);
    expect(sent).toEqual([1, 2]);
  });

  test('that the broker wants later go later, and leave no timer', async () => {
    queue.maybeThrottle(20);
    ask(1);
    expect(sent).toEqual([]);
    await eventually(() => expect(sent).toEqual([1]));
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });
});
