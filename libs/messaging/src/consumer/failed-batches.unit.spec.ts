import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { Counted } from '../../test/counter.events.js';
import { ListedLot } from '../../test/listed-lot.fixture.js';
import { countedMessage } from '../../test/parking.fixture.js';
import type { IncomingMessage } from '../bus/message-bus.js';
import { silentLogger } from '../logger.js';
import { messagingMetrics } from '../metrics.js';
import { EventProcessor } from './event-processor.js';
import { on, onBatch, type EventRoute } from './event-route.js';
import { FailedBatches } from './failed-batches.js';

const message = (offset: number): IncomingMessage => countedMessage(offset, `k${offset}`, new Date(0));
const neverAborted = new AbortController().signal;

describe('failed batches', () => {
  test('events are single up to the end of a batch that was slow to fail, and only in its partition', () => {
    const subject = new FailedBatches();
    subject.note(message(0), message(99), 40);
    expect(subject.isSingle(message(0))).toBe(false);
    // What came behind those that could be handled.
    subject.note(message(50), message(149), 10);
    expect([50, 149, 150].map((offset) => subject.isSingle(message(offset)))).toEqual([true, true, false]);
    expect(subject.isSingle({ ...message(60), partition: 1 })).toBe(false);
    subject.note(message(150), message(249), 49);
    expect(subject.isSingle(message(150))).toBe(false);
  });

  test('others have waited for an event since the first call with it began', () => {
    const subject = new FailedBatches();
    expect(subject.waitedMs(message(0))).toBe(0);
    subject.note(message(0), message(99), 2_000);
    subject.note(message(50), message(149), 1);
    expect(subject.waitedMs(message(60))).toBeGreaterThanOrEqual(2_000);
    expect(subject.waitedMs(message(150))).toBe(0);
  });
});

describe('an event that takes long to fail', () => {
  let lot: ListedLot;
  let calls: number[];

  beforeEach(() => {
    lot = new ListedLot();
    calls = [];
  });

  const processorOf = (route: EventRoute, handlerTimeoutMs = 20_000) =>
    new EventProcessor({
      group: 'test.group',
      routes: [route],
      parkingLot: lot,
      metrics: messagingMetrics(new Registry()),
      logger: silentLogger,
      handlerTimeoutMs,
    });
  /** A batch handler to which one of its events does something. */
  const spoiltBy = (spoilt: number, spoil: () => Promise<void>) =>
    onBatch(Counted, async (events) => {
      calls.push(events.length);
      if (events.some(({ data }) => data.n === spoilt)) await spoil();
    });
  const failSlowly = async (): Promise<void> => {
    await sleep(720);
    throw new Error('no answer');
  };
  const processTwenty = async (subject: EventProcessor): Promise<void> => {
    const given = Array.from({ length: 20 }, (_, n) => message(n));
    for (let left = given; left.length > 0;) left = left.slice(await subject.processMany(left, neverAborted));
  };

  test('is set aside with the tries that it has left, so that others go on', async () => {
    expect(await processorOf(on(Counted, failSlowly)).process(message(7), neverAborted)).toBe(true);
    expect(lot.parked).toMatchObject([{ offset: 7, attempts: -3 }]);
  });

  test('delays those of its batch by one more call, and is set aside', async () => {
    const subject = processorOf(spoiltBy(7, failSlowly));
    await processTwenty(subject);
    await subject.idle();
    expect(calls).toEqual([20, ...Array.from({ length: 20 }, () => 1)]);
    expect(lot.parked).toMatchObject([{ offset: 7, attempts: -3 }]);
  });

  test('so does one that hangs, and is parked', async () => {
    await processTwenty(
      processorOf(
        spoiltBy(7, () => new Promise(() => undefined)),
        60,
      ),
    );
    expect(calls).toEqual([20, ...Array.from({ length: 20 }, () => 1)]);
    expect(lot.parked).toMatchObject([{ offset: 7, attempts: 0 }]);
  });
});
