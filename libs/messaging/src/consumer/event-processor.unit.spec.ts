import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { OutboxFullError, writeContext } from '#persistence';
import { Counted } from '../../test/counter.events.js';
import { away, ListedLot } from '../../test/listed-lot.fixture.js';
import type { IncomingMessage } from '../bus/message-bus.js';
import { encodeEvent } from '../cloud-event.js';
import { silentLogger } from '../logger.js';
import { messagingMetrics } from '../metrics.js';
import { EventProcessor } from './event-processor.js';
import { on, onBatch, type EventRoute } from './event-route.js';
import { Discard, Park, RetryLater } from './outcomes.js';

const ITS_OWN_CAUSE = new Error('x');
const REVOKED = Proxy.revocable({}, {});
const NOW = new Date('2026-11-23T12:00:00.000Z');
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('event processor', () => {
  let lot: ListedLot;
  let waits: number[];
  const neverAborted = new AbortController().signal;

  beforeAll(() => REVOKED.revoke());
  beforeEach(() => {
    lot = new ListedLot();
    waits = [];
  });

  const message = (offset: number, key = 'a'): IncomingMessage => {
    const { topic, value, headers } = encodeEvent(Counted, {
      id: `event_${offset}`,
      type: 'counter.counted',
      source: '/catalog',
      subject: key,
      version: offset + 1,
      key,
      time: NOW.toISOString(),
      traceparent,
      data: { n: offset },
    });
    const sent = { value: Buffer.from(value), headers: new Map(Object.entries(headers)) };
    return { topic, partition: 0, offset: BigInt(offset), key, ...sent };
  };
  const processor = (handler: (n: number) => Promise<void>) =>
    processorOf([on(Counted, (event) => handler(event.data.n))]);
  const processorOf = (routes: readonly EventRoute[], handlerTimeoutMs?: number, registry = new Registry()) =>
    new EventProcessor({
      group: 'test.group',
      routes,
      ...(handlerTimeoutMs === undefined ? {} : { handlerTimeoutMs }),
      parkingLot: lot,
      metrics: messagingMetrics(registry),
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
    expect(await processor(failing(() => new Error('no answer'))).process(message(0), neverAborted)).toBe(true);
    expect(waits).toHaveLength(3);
    const nextAt = new Date(NOW.getTime() + 10_000);
    const line = 'test.counter.v1|a';
    expect(lot.parked).toEqual([{ line, offset: 0, error: expect.any(Error), nextAt, attempts: 0 }]);
  });

  test('the longer a handler takes to fail, the shorter are the waits between its attempts', async () => {
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      throw new Error('no answer');
    };
    const subject = processor(slow);
    await subject.process(message(0), neverAborted);
    // The first attempt with this one is made in a lane, as nothing of its key is parked.
    await subject.processMany([message(1, 'b')], neverAborted);
    for (const [index, usual] of [180, 360, 720, 180, 360, 720].entries()) expect(waits[index]).toBeLessThan(usual);
    expect(waits).toHaveLength(6);
    expect(lot.parked.map(({ offset }) => offset)).toEqual([0, 1]);
  });

  test('a failure that passes leaves no trace', async () => {
    await processor(failing(() => new Error('busy'), 3)).process(message(0), neverAborted);
    expect(lot.parked).toEqual([]);
  });

  test('one event of several is taken at a time, and a failing one is tried four times in all', async () => {
    let calls = 0;
    const subject = processor(async (n) => {
      calls++;
      if (n === 1) throw new Error('no answer');
    });
    expect(await subject.processMany([message(0), message(1)], neverAborted)).toBe(1);
    expect(calls).toBe(1);
    // Now it is known that nothing is parked, which shortens the way.
    expect(await subject.processMany([message(1), message(2)], neverAborted)).toBe(1);
    expect(calls).toBe(5);
    expect(waits).toHaveLength(3);
    expect(await subject.processMany([message(2)], neverAborted)).toBe(1);
    expect(lot.parked.map(({ offset }) => offset)).toEqual([1, 2]);
    expect(calls).toBe(5);
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
    ['attributes that are no CloudEvent', { headers: new Map([['ce_type', 'counter.counted']]) }],
  ])('%s is parked at once', async (_name, change) => {
    await processor(async () => undefined).process({ ...message(0), ...change }, neverAborted);
    expect(waits).toEqual([]);
    expect(lot.parked).toHaveLength(1);
  });

  test.each([
    ['SyntaxError', () => new SyntaxError('Unexpected end of JSON input')],
    ['TypeError', () => new TypeError('x is undefined')],
    ['Park', () => new Park('more sold than there was')],
    ['ZodError', () => new z.ZodError([])],
  ])('%s of a handler is parked at once', async (_name, error) => {
    await processor(failing(error)).process(message(0), neverAborted);
    expect(waits).toEqual([]);
    expect(lot.parked).toHaveLength(1);
  });

  test.each<[string, () => unknown]>([
    ['an object without a prototype', () => Object.create(null) as unknown],
    ['nothing', () => undefined],
    ['an error whose message is none', () => Object.assign(new Error('x'), { message: { status: 500 } })],
    ['an error whose stack is none', () => Object.assign(new Error('x'), { stack: {} })],
    ['an error that is its own cause', () => Object.assign(ITS_OWN_CAUSE, { cause: ITS_OWN_CAUSE })],
    ['what can not even be looked at', () => REVOKED.proxy],
  ])('%s, thrown by a handler, parks its event as any other failure does', async (_name, thrown) => {
    const subject = processor(async () => Promise.reject(thrown()));
    for (const one of [message(0), message(1, 'b')]) await subject.processMany([one], neverAborted);
    expect(waits).toHaveLength(6);
    expect(lot.parked.map(({ error }) => typeof error?.message)).toEqual(['string', 'string']);
  });

  test('a lost connection, which fetch reports as a TypeError, is worth another try', async () => {
    const lost = () => new TypeError('fetch failed', { cause: new Error('ECONNRESET') });
    await processor(failing(lost, 1)).process(message(0), neverAborted);
    expect(waits).toHaveLength(1);
    expect(lot.parked).toEqual([]);
  });

  test('a handler that hangs is left alone, and its event parked', async () => {
    const subject = processorOf([on(Counted, () => new Promise(() => undefined))], 10);
    expect(await subject.process(message(0), neverAborted)).toBe(true);
    expect(lot.parked).toMatchObject([{ offset: 0, error: { code: 'MESSAGING.HANDLER_TIMEOUT' } }]);
  });

  test('types that the group does not know are skipped', async () => {
    const other = { ...message(0), headers: new Map([...message(0).headers, ['ce_type', 'counter.renamed']]) };
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
    const handler = failing(away, 8);
    const subject = processor((n) => (n === 0 ? handler() : Promise.resolve()));
    await subject.process(message(1), neverAborted);
    lot.awayFor = 8;
    await subject.process(message(0), neverAborted);
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    expect(lot.parked).toEqual([]);
  });

  test('what looks like a database away, while that answers, is the event’s own failure', async () => {
    await processor(failing(() => new OutboxFullError('order_1'))).process(message(0), neverAborted);
    expect(waits).toEqual([180, 360, 720]);
    expect(lot.parked).toHaveLength(1);
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

  describe('that may go on by itself', () => {
    /** What a partition's worker gives, one message at a time, and how many were done with. */
    const lineOf = (count: number) => {
      const left = Array.from({ length: count }, (_, n) => message(n, `k${n}`));
      const first = left.splice(0, 1);
      const line = { done: 0, first, next: () => ((line.done += 1), left.splice(0, 1)) };
      return line;
    };
    const knowingThatNothingIsParked = async (subject: EventProcessor): Promise<EventProcessor> => {
      await subject.process(message(1_000), neverAborted);
      return subject;
    };
    const consumed = async (registry: Registry, outcome: string): Promise<number> => {
      const metric = await registry.getSingleMetric('grapevine_events_consumed_total')?.get();
      return metric?.values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
    };

    test('takes all that comes, one after the other, and counts each', async () => {
      const registry = new Registry();
      const handled: number[] = [];
      let running = 0;
      const handler = async (n: number): Promise<void> => {
        expect((running += 1)).toBe(1);
        if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        handled.push(n);
      };
      const route = on(Counted, (event) => handler(event.data.n));
      const subject = await knowingThatNothingIsParked(processorOf([route], undefined, registry));
      const line = lineOf(150);
      expect(await subject.processMany(line.first, neverAborted, line.next)).toBe(0);
      expect(line.done).toBe(150);
      expect(handled).toEqual([1_000, ...Array.from({ length: 150 }, (_, n) => n)]);
      expect(await consumed(registry, 'handled')).toBe(151);
    });

    test('stops at one that fails, which is tried four times in all, and returns it as done when it is parked', async () => {
      let calls = 0;
      const handler = async (n: number): Promise<void> => {
        if (n !== 3) return;
        calls++;
        throw new Error('no answer');
      };
      const subject = await knowingThatNothingIsParked(processor(handler));
      const line = lineOf(6);
      expect(await subject.processMany(line.first, neverAborted, line.next)).toBe(1);
      expect({ done: line.done, calls }).toEqual({ done: 3, calls: 4 });
      expect(lot.parked.map(({ offset }) => offset)).toEqual([3]);
    });

    test('leaves a handler that hangs to itself, and what becomes of it later changes nothing', async () => {
      let fail: (error: Error) => void = () => undefined;
      const registry = new Registry();
      const hang = () => new Promise<void>((_, reject) => (fail = reject));
      const route = on(Counted, ({ data }) => (data.n === 2 ? hang() : Promise.resolve()));
      const subject = await knowingThatNothingIsParked(processorOf([route], 20, registry));
      const line = lineOf(4);
      expect(await subject.processMany(line.first, neverAborted, line.next)).toBe(1);
      expect(lot.parked).toMatchObject([{ offset: 2, error: { code: 'MESSAGING.HANDLER_TIMEOUT' } }]);
      fail(new Error('at last'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(line.done).toBe(2);
      expect(lot.parked).toHaveLength(1);
      expect(await consumed(registry, 'handled')).toBe(3);
    });

    test('does not take a quick handler for one that hangs, however long they take together', async () => {
      const route = on(Counted, () => new Promise((resolve) => setTimeout(resolve, 10)));
      const subject = await knowingThatNothingIsParked(processorOf([route], 400));
      const line = lineOf(60);
      expect(await subject.processMany(line.first, neverAborted, line.next)).toBe(0);
      expect(lot.parked).toEqual([]);
    });
  });

  describe('of a batch handler', () => {
    const batches: number[][] = [];
    const poisoned = new Set<number>();
    const subject = () =>
      processorOf([
        onBatch(Counted, async (events) => {
          const numbers = events.map(({ data }) => data.n);
          if (numbers.some((n) => poisoned.has(n))) throw new TypeError('poison');
          batches.push(numbers);
        }),
      ]);
    const processAll = async (one: EventProcessor, given: readonly IncomingMessage[]): Promise<void> => {
      for (let left = given; left.length > 0;) left = left.slice(await one.processMany(left, neverAborted));
    };
    const messages = (count: number) => Array.from({ length: count }, (_, n) => message(n, `k${n}`));

    beforeEach(() => {
      batches.length = 0;
      poisoned.clear();
    });

    test('gives what waits in one call', async () => {
      expect(await subject().processMany(messages(40), neverAborted)).toBe(40);
      expect(batches).toHaveLength(1);
    });

    test('finds the poisoned one among the others in a few calls, and parks it alone', async () => {
      poisoned.add(21);
      await processAll(subject(), messages(40));
      expect(lot.parked.map(({ offset }) => offset)).toEqual([21]);
      expect(batches.flat()).toEqual(messages(40).flatMap((_, n) => (n === 21 ? [] : [n])));
      expect(batches.length).toBeLessThanOrEqual(12);
    });

    test('keeps malformed ones, and those behind a parked one, out of the batch', async () => {
      lot.parked.push({ line: 'test.counter.v1|k2', offset: -1 });
      const given = messages(6).map((one, n) => (n === 4 ? { ...one, value: Buffer.from('{') } : one));
      await processAll(subject(), given);
      expect(batches).toEqual([[0, 1], [3], [5]]);
      expect(lot.parked.map(({ offset }) => offset)).toEqual([-1, 2, 4]);
    });

    test('any events of any keys, some poisoned: each is handled once or parked, in the order of its key', async () => {
      const keyed = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), bad: fc.boolean() }), { maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(keyed, async (given) => {
          lot = new ListedLot();
          batches.length = 0;
          poisoned.clear();
          for (const [n, { bad }] of given.entries()) if (bad) poisoned.add(n);
          await processAll(
            subject(),
            given.map(({ key }, n) => message(n, key)),
          );
          const firstBad = new Map<string, number>();
          for (const [n, { key, bad }] of given.entries()) if (bad && !firstBad.has(key)) firstBad.set(key, n);
          const isBehind = (n: number) => n >= (firstBad.get(given[n]?.key ?? '') ?? Infinity);
          const all = given.map((_, n) => n);
          expect(batches.flat()).toEqual(all.filter((n) => !isBehind(n)));
          expect(lot.parked.map(({ offset }) => offset)).toEqual(all.filter(isBehind));
        }),
      );
    });
  });
});
