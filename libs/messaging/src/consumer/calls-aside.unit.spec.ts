import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { eventually } from '#testing';
import { Counted } from '../../test/counter.events.js';
import { ListedLot } from '../../test/listed-lot.fixture.js';
import type { CountedEvent } from '../../test/counter.fixture.js';
import { countedMessage } from '../../test/parking.fixture.js';
import type { IncomingMessage } from '../bus/message-bus.js';
import { silentLogger } from '../logger.js';
import { messagingMetrics } from '../metrics.js';
import type { Attempt } from './attempt.js';
import { CallsAside } from './calls-aside.js';
import { DatabaseAnswers } from './database-answers.js';
import { EventProcessor } from './event-processor.js';
import { on, onBatch, type EventRoute } from './event-route.js';
import { StillRunningError } from './failures.js';
import { Discard } from './outcomes.js';
import { ParkedLines } from './parked-lines.js';
import { NO_ATTEMPTS } from './retry-schedule.js';

const NOW = new Date('2026-11-26T12:00:00.000Z');
const PATIENCE_MS = 120;
const patiently = { timeoutMs: 30_000 };
/** For whoever looks at the clock, from now on to the end of the test. */
function passTime(ms: number): void {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}
afterEach(() => void jest.restoreAllMocks());

const neverAborted = new AbortController().signal;
const message = (offset: number, key = `k${offset}`): IncomingMessage => countedMessage(offset, key, NOW);
const HELD = { error: expect.any(StillRunningError), nextAt: new Date(NOW.getTime() + 10_000), isTried: true };

/** Calls of handlers, each of which ends when it is told to. */
class Calls {
  readonly begun: number[][] = [];
  private readonly ends: ((failure?: Error) => void)[] = [];

  readonly take = (events: readonly { readonly data: { readonly n: number } }[]): Promise<void> => {
    this.begun.push(events.map(({ data }) => data.n));
    return new Promise((resolve, reject) => {
      this.ends.push((failure) => (failure === undefined ? resolve() : reject(failure)));
    });
  };

  end(call: number, failure?: Error): void {
    this.ends[call]?.(failure);
  }
}

describe('a call that others no longer wait for', () => {
  let lot: ListedLot;
  let calls: Calls;
  let registry: Registry;

  beforeEach(() => {
    lot = new ListedLot();
    calls = new Calls();
    registry = new Registry();
  });

  const processorOf = (route: EventRoute, handlerTimeoutMs = 20_000) =>
    new EventProcessor({
      group: 'test.group',
      routes: [route],
      parkingLot: lot,
      metrics: messagingMetrics(registry),
      logger: silentLogger,
      handlerTimeoutMs,
      patienceMs: PATIENCE_MS,
      random: () => 0.5,
      now: () => NOW,
    });
  const single = on(Counted, (event) => calls.take([event]));
  const consumed = async () => {
    const { values } = (await registry.getSingleMetric('grapevine_events_consumed_total')?.get()) ?? { values: [] };
    return Object.fromEntries(values.map(({ labels, value }) => [labels['outcome'], value]));
  };

  test('has its event parked while it runs; one that ends well takes it out again', async () => {
    const subject = processorOf(single);
    expect(await subject.processMany([message(0)], neverAborted)).toBe(1);
    expect(lot.parked).toEqual([{ line: 'test.counter.v1|k0', offset: 0, attempts: -4, ...HELD }]);
    // The next one of its key queues behind it.
    expect(await subject.processMany([message(1, 'k0')], neverAborted)).toBe(1);
    expect(calls.begun).toEqual([[0]]);
    calls.end(0);
    await subject.idle();
    expect(lot.parked.map(({ offset }) => offset)).toEqual([1]);
    expect(await consumed()).toMatchObject({ handled: 1, parked: 1 });
  });

  test('is found in a partition that goes on without a pause, too', async () => {
    const subject = processorOf(single);
    const later = [message(1), message(2)];
    const next = () => later.splice(0, 1);
    const done = subject.processMany([message(0)], neverAborted, next);
    // The first event of all takes the long way, as the parked lines are not read yet.
    await eventually(() => expect(calls.begun).toEqual([[0]]), patiently);
    calls.end(0);
    expect(await done).toBe(1);
    const going = subject.processMany(next(), neverAborted, next);
    calls.end(1);
    await eventually(() => expect(calls.begun).toEqual([[0], [1], [2]]), patiently);
    expect(await going).toBe(1);
    expect(lot.parked).toMatchObject([{ offset: 2, attempts: -4 }]);
    calls.end(2);
    await subject.idle();
    expect(lot.parked).toEqual([]);
    expect(await consumed()).toMatchObject({ handled: 3 });
  });

  test('one that fails leaves it there, with the tries that it has left', async () => {
    const subject = processorOf(single);
    await subject.processMany([message(0)], neverAborted);
    await subject.processMany([message(1)], neverAborted);
    calls.end(0, new Error('no answer'));
    calls.end(1, new TypeError('poison'));
    await subject.idle();
    expect(lot.parked).toEqual([
      { line: 'test.counter.v1|k0', offset: 0, attempts: -3, error: new Error('no answer'), nextAt: expect.any(Date) },
      { line: 'test.counter.v1|k1', offset: 1, attempts: 0, error: new TypeError('poison'), nextAt: later(10_000) },
    ]);
    expect(await consumed()).toMatchObject({ parked: 2 });
  });

  test('one that needs not be handled, as it turns out, takes it out', async () => {
    const subject = processorOf(single);
    await subject.processMany([message(0)], neverAborted);
    calls.end(0, new Discard('old'));
    await subject.idle();
    expect(lot.parked).toEqual([]);
    expect(await consumed()).toMatchObject({ discarded: 1 });
  });

  test('one that takes as long as no handler may is parked for good', async () => {
    const subject = processorOf(single, 300);
    await subject.processMany([message(0)], neverAborted);
    await subject.idle();
    expect(lot.parked).toMatchObject([{ offset: 0, attempts: 0, error: { name: 'HandlerTimeoutError' } }]);
  });

  test('so is a repeated attempt that takes long', async () => {
    let attempts = 0;
    const subject = processorOf(
      on(Counted, (event) => (attempts++ === 0 ? Promise.reject(new Error('no answer')) : calls.take([event]))),
    );
    expect(await subject.process(message(0), neverAborted)).toBe(true);
    expect(lot.parked).toMatchObject([{ offset: 0, attempts: -3, ...HELD }]);
    calls.end(0, new Error('no answer'));
    await subject.idle();
    expect(lot.parked).toMatchObject([{ offset: 0, attempts: -2 }]);
  });

  test('of a batch, all events are parked; those of a key in line, as each will be tried by itself when it fails', async () => {
    const subject = processorOf(onBatch(Counted, calls.take));
    const given = [message(0, 'a'), message(1, 'b'), message(2, 'a')];
    expect(await subject.processMany(given, neverAborted)).toBe(3);
    expect(lot.parked).toMatchObject([{ offset: 0, attempts: -4, ...HELD }, { offset: 1, ...HELD }, { offset: 2 }]);
    expect(lot.parked[2]?.error).toBeUndefined();
    calls.end(0, new TypeError('poison'));
    await subject.idle();
    const due = { attempts: -4, error: new TypeError('poison'), nextAt: NOW };
    expect(lot.parked.toSorted((a, b) => a.offset - b.offset)).toMatchObject([
      { offset: 0, ...due },
      { offset: 1, ...due },
      { offset: 2 },
    ]);
    // One that ends well.
    const other = [message(3, 'c'), message(4, 'd')];
    expect(await subject.processMany(other, neverAborted)).toBe(2);
    calls.end(1);
    await subject.idle();
    expect(lot.parked).toHaveLength(3);
  });

  test('is waited for while the database takes its time, as all others would have to', async () => {
    const subject = processorOf(single);
    await subject.processMany([message(9)], neverAborted);
    calls.end(0);
    await subject.idle();
    lot.freeze();
    const done = subject.processMany([message(0)], neverAborted);
    await eventually(() => expect(lot.waiting).toBe(1), patiently);
    // Answered at last, but nobody could have been quick meanwhile.
    passTime(220);
    lot.thaw();
    await new Promise((resolve) => setImmediate(resolve));
    expect(lot.parked).toEqual([]);
    calls.end(1);
    expect(await done).toBe(1);
    expect(lot.parked).toEqual([]);
  });

  test('waits itself where eight run already', async () => {
    const subject = processorOf(single);
    for (const offset of Array.from({ length: 8 }, (_, index) => index))
      await subject.processMany([message(offset)], neverAborted);
    const ninth = subject.processMany([message(8)], neverAborted);
    await eventually(() => expect(calls.begun).toHaveLength(9), patiently);
    const { asked } = lot;
    await eventually(() => expect(lot.asked).toBeGreaterThan(asked + 1), patiently);
    expect(lot.parked).toHaveLength(8);
    calls.end(3);
    expect(await ninth).toBe(1);
    expect(lot.parked.map(({ offset }) => offset)).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
    for (const [call] of calls.begun.entries()) calls.end(call);
    await subject.idle();
    expect(lot.parked).toEqual([]);
  });

  test('waits where eight were let past at the same moment', async () => {
    const subject = processorOf(single);
    await subject.processMany([message(99)], neverAborted);
    calls.end(0);
    await subject.idle();
    lot.freeze();
    const offsets = Array.from({ length: 12 }, (_, index) => index);
    const all = Promise.all(offsets.map((offset) => subject.processMany([message(offset)], neverAborted)));
    await eventually(() => expect(lot.waiting).toBe(1), patiently);
    await eventually(() => expect(calls.begun).toHaveLength(13), patiently);
    // All of them wait for one answer now.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    lot.thaw();
    await eventually(() => expect(lot.parked.length).toBeGreaterThanOrEqual(8), patiently);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(lot.parked).toHaveLength(8);
    for (const [call] of calls.begun.entries()) calls.end(call);
    expect(await all).toEqual(offsets.map(() => 1));
    await subject.idle();
    expect(lot.parked).toEqual([]);
  });

  test('is not set aside where its partition went to another, who gets the event as well', async () => {
    const subject = processorOf(single);
    await subject.processMany([message(0)], neverAborted);
    calls.end(0);
    await subject.idle();
    const asked = lot.asked;
    const done = subject.processMany([message(1)], AbortSignal.abort());
    await eventually(() => expect(lot.asked).toBe(asked + 1), patiently);
    calls.end(1);
    expect(await done).toBe(1);
    expect(lot.parked).toEqual([]);
  });
});

const later = (ms: number): Date => new Date(NOW.getTime() + ms);

describe('an event that is set aside', () => {
  test('is left to its call for as long as that runs', async () => {
    const lot = new ListedLot();
    let end: (attempt: Attempt) => void = () => undefined;
    const sleep = () => Promise.resolve();
    const aside = new CallsAside({
      group: 'test.group',
      parkingLot: lot,
      database: new DatabaseAnswers(() => Promise.resolve()),
      lines: new ParkedLines({ group: 'test.group', parkingLot: lot, logger: silentLogger, random: () => 0.5, sleep }),
      logger: silentLogger,
      now: () => NOW,
      renewMs: 20,
      reasonOf: () => ({ error: new Error('no answer'), nextAt: NOW, attempts: 0 }),
      onSettled: () => undefined,
    });
    const running = new Promise<Attempt>((resolve) => (end = resolve));
    await aside.leave({ messages: [message(0)], running, failures: NO_ATTEMPTS }, neverAborted);
    await eventually(() => expect(lot.renewed).toBeGreaterThan(1), patiently);
    end({ outcome: 'handled' });
    await aside.idle();
    expect(lot.parked).toEqual([]);
  });
});

describe('a handler that hangs while the database is away', () => {
  const handled: number[] = [];
  let hangs = true;
  const subjectOf = (lot: ListedLot, by: typeof on | typeof onBatch) =>
    new EventProcessor({
      group: 'test.group',
      routes: [
        by(Counted, async (given: CountedEvent | readonly CountedEvent[]) => {
          if (hangs) await new Promise(() => undefined);
          handled.push(...[given].flat().map(({ data }) => data.n));
        }),
      ],
      parkingLot: lot,
      metrics: messagingMetrics(new Registry()),
      logger: silentLogger,
      handlerTimeoutMs: 50,
      patienceMs: PATIENCE_MS,
      sleep: async () => {
        hangs = false;
        await new Promise((resolve) => setImmediate(resolve));
      },
    });

  test.each([
    ['single events', on],
    ['batches', onBatch],
  ])('is called again at its place, and nothing is parked: %s', async (_, by) => {
    const lot = new ListedLot();
    const subject = subjectOf(lot, by);
    handled.length = 0;
    hangs = false;
    // What is parked is known then, so that nothing but the handler waits for the database.
    await subject.processMany([message(0)], neverAborted);
    hangs = true;
    lot.awayFor = 20;
    let left = [message(1), message(2)];
    while (left.length > 0) left = left.slice(await subject.processMany(left, neverAborted));
    expect(handled).toEqual([0, 1, 2]);
    expect(lot.parked).toEqual([]);
  });
});

describe('whether the database answers', () => {
  test('is not waited for long, and asked by one question at a time', async () => {
    let asked = 0;
    let answer: () => void = () => undefined;
    const question = (): Promise<void> => {
      asked++;
      return new Promise((resolve) => (answer = resolve));
    };
    const subject = new DatabaseAnswers(question, 20);
    expect(await Promise.all([subject.answers(), subject.answers()])).toEqual([false, false]);
    expect(await subject.answers()).toBe(false);
    expect(asked).toBe(1);
    const late = subject.answersPromptly();
    passTime(220);
    // Asked when the answer was near, but it took no less time for that.
    const joined = subject.answersPromptly();
    answer();
    expect(await Promise.all([late, joined])).toEqual([false, false]);
    const prompt = subject.answersPromptly();
    answer();
    expect(await prompt).toBe(true);
    expect(asked).toBe(2);
  });
});
