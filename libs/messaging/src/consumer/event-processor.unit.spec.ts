import { beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { defineEvent } from '#contracts';
import { writeContext } from '#persistence';
import type { IncomingMessage } from '../bus/message-bus.js';
import { encodeEvent } from '../cloud-event.js';
import { silentLogger } from '../logger.js';
import { messagingMetrics } from '../metrics.js';
import { EventProcessor } from './event-processor.js';
import { on } from './event-route.js';
import { Discard, RetryLater } from './outcomes.js';
import type { ParkedLine } from './parked-event.js';
import { lineName, type ParkingPlace } from './parking-lot.js';

const Counted = defineEvent({
  type: 'counter.counted',
  topic: 'test.counter.v1',
  owner: 'catalog',
  key: 'counterId',
  description: 'A counter went up.',
  schema: z.object({ n: z.number() }),
  example: { n: 1 },
});
const NOW = new Date('2026-11-23T12:00:00.000Z');
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

class ListedLot implements ParkingPlace {
  readonly parked: { line: string; offset: number; error?: unknown; nextAt?: Date }[] = [];
  awayFor = 0;

  async park(_group: string, message: IncomingMessage, reason?: { error: unknown; nextAt: Date }): Promise<void> {
    this.mayBeAway();
    this.parked.push({ line: `${message.topic}|${message.key}`, offset: Number(message.offset), ...reason });
  }

  async linesOf(): Promise<Set<string>> {
    this.mayBeAway();
    return new Set(this.parked.map(({ line }) => line));
  }

  async isParked(line: ParkedLine): Promise<boolean> {
    return this.parked.some((one) => one.line === lineName(line));
  }

  private mayBeAway(): void {
    if (this.awayFor-- > 0) throw away();
  }
}
const away = (): Error => Object.assign(new Error('no server'), { name: 'MongoNetworkError' });

describe('event processor', () => {
  let lot: ListedLot;
  let waits: number[];
  const neverAborted = new AbortController().signal;

  beforeEach(() => {
    lot = new ListedLot();
    waits = [];
  });

  const message = (offset: number, key = 'a'): IncomingMessage => ({
    ...encodeEvent(Counted, {
      id: `event_${offset}`,
      type: 'counter.counted',
      source: '/catalog',
      subject: key,
      version: offset + 1,
      key,
      time: NOW.toISOString(),
      traceparent,
      data: { n: offset },
    }),
    value: Buffer.from(JSON.stringify({ n: offset })),
    partition: 0,
    offset: BigInt(offset),
  });
  const processor = (handler: (n: number) => Promise<void>) =>
    new EventProcessor({
      group: 'test.group',
      routes: [on(Counted, (event) => handler(event.data.n))],
      parkingLot: lot,
      metrics: messagingMetrics(new Registry()),
      logger: silentLogger,
      random: () => 0.5,
      now: () => NOW,
      sleep: async (ms, signal) => {
        signal.throwIfAborted();
        waits.push(ms);
      },
    });
  const failing = (error: () => Error, times = Infinity) => {
    let failures = 0;
    return async () => {
      if (failures++ < times) throw error();
    };
  };

  test('a handler that fails is tried three more times, then the event is parked for 10 s', async () => {
    expect(await processor(failing(() => new TypeError('x is undefined'))).process(message(0), neverAborted)).toBe(
      true,
    );
    expect(waits).toEqual([200, 400, 800]);
    expect(lot.parked).toEqual([
      { line: 'test.counter.v1|a', offset: 0, error: expect.any(TypeError), nextAt: new Date(NOW.getTime() + 10_000) },
    ]);
  });

  test('a failure that passes leaves no trace', async () => {
    await processor(failing(() => new Error('busy'), 3)).process(message(0), neverAborted);
    expect(lot.parked).toEqual([]);
  });

  test('later events of a parked key queue behind it, other keys are handled', async () => {
    const handled: number[] = [];
    const subject = processor(async (n) => {
      if (n === 0) throw new Error('poison');
      handled.push(n);
    });
    for (const one of [message(0), message(1), message(2, 'b'), message(3)]) await subject.process(one, neverAborted);
    expect(lot.parked.map(({ offset }) => offset)).toEqual([0, 1, 3]);
    expect(handled).toEqual([2]);
  });

  test('a key flows again once nothing of it is parked', async () => {
    const handled: number[] = [];
    const subject = processor(async (n) => {
      if (n === 0) throw new Error('poison');
      handled.push(n);
    });
    await subject.process(message(0), neverAborted);
    lot.parked.length = 0;
    await subject.process(message(1), neverAborted);
    expect(handled).toEqual([1]);
  });

  test('lines that another member parked are respected', async () => {
    lot.parked.push({ line: 'test.counter.v1|a', offset: 0 });
    await processor(async () => undefined).process(message(1), neverAborted);
    expect(lot.parked.map(({ offset }) => offset)).toEqual([0, 1]);
  });

  test.each([
    ['malformed JSON', { value: Buffer.from('{"n":') }],
    ['data that breaks the contract', { value: Buffer.from('{"n":"one"}') }],
    ['no value', { value: null }],
    ['attributes that are no CloudEvent', { headers: { ce_type: 'counter.counted' } }],
  ])('%s is parked at once', async (_name, change) => {
    await processor(async () => undefined).process({ ...message(0), ...change }, neverAborted);
    expect(waits).toEqual([]);
    expect(lot.parked).toHaveLength(1);
  });

  test('types that the group does not know are skipped', async () => {
    const other = { ...message(0), headers: { ...message(0).headers, ce_type: 'counter.renamed' } };
    expect(await processor(failing(() => new Error('never called'))).process(other, neverAborted)).toBe(true);
    expect(lot.parked).toEqual([]);
  });

  test('Discard ends it, RetryLater with a time parks it until then', async () => {
    await processor(failing(() => new Discard('not ours'))).process(message(0), neverAborted);
    expect(lot.parked).toEqual([]);
    await processor(failing(() => new RetryLater('not yet', 2_000))).process(message(1), neverAborted);
    expect(waits).toEqual([]);
    expect(lot.parked[0]?.nextAt).toEqual(new Date(NOW.getTime() + 2_000));
  });

  test('while the database is away nothing is parked, and the event is handled when it is back', async () => {
    await processor(failing(away, 8)).process(message(0), neverAborted);
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    expect(lot.parked).toEqual([]);
  });

  test('a parking lot that is away is waited for', async () => {
    lot.awayFor = 2;
    const subject = processor(failing(() => new Error('poison')));
    await subject.process(message(0), neverAborted);
    lot.awayFor = 2;
    await subject.process(message(1), neverAborted);
    expect(lot.parked.map(({ offset }) => offset)).toEqual([0, 1]);
  });

  test('an abort while it waits for a retry leaves the event to the next member', async () => {
    const controller = new AbortController();
    const subject = processor(async () => {
      controller.abort();
      throw new Error('late');
    });
    expect(await subject.process(message(0), controller.signal)).toBe(false);
    expect(lot.parked).toEqual([]);
  });

  test('the handler runs in the trace of the event', async () => {
    const traces: unknown[] = [];
    await processor(async () => void traces.push(writeContext.getStore())).process(message(0), neverAborted);
    expect(traces).toEqual([{ traceparent }]);
  });
});
