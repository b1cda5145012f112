import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { connectDatabase, databaseName } from '#persistence';
import { eventually, fixedClock, startTestServers, type FixedClock, type TestServers } from '#testing';
import { ParkedRetrier, ParkingDesk, ParkingLot, type ParkedEvent } from '#messaging';
import type { ParkingReason } from '../src/consumer/parking-lot.js';
import { countedMessage, retrierOf } from './parking.fixture.js';

const GROUP = 'counter.test';
const perSecond = 50;
const LEFT = { events: 0, lines: 0, trying: 1 };
/** All but the clock itself. */
const TIMERS = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];

describe('a parked event that is being tried', () => {
  let servers: TestServers;
  let connection: Connection;
  let clock: FixedClock;
  let lot: ParkingLot;
  let desk: ParkingDesk;
  let log: string[];
  let release: () => void;
  let released: Promise<void>;

  beforeAll(async () => {
    servers = await startTestServers();
    connection = await connectDatabase({ uri: servers.mongodbUri, name: databaseName(servers.namespace, 'claims') });
  });
  beforeEach(async () => {
    clock = fixedClock();
    lot = lotWith(clock.now);
    desk = new ParkingDesk(lot, clock.now);
    await lot.onModuleInit();
    await lot.model.deleteMany({});
    log = [];
    released = new Promise((resolve) => (release = resolve));
  });
  afterEach(() => void jest.restoreAllMocks().useRealTimers());
  afterAll(async () => {
    await connection.close();
    await servers.stop();
  });

  function lotWith(now?: () => Date): ParkingLot {
    connection.deleteModel(/parked/);
    return new ParkingLot(connection, now);
  }
  const park = (offset: number, key = 'a', reason?: Partial<ParkingReason>) =>
    lot.park(GROUP, countedMessage(offset, key, clock.now()), {
      error: new Error('bad'),
      nextAt: clock.now(),
      ...reason,
    });
  const parkBehind = (offset: number) => lot.park(GROUP, countedMessage(offset, 'a', clock.now()));
  const offsets = async () => (await lot.list()).map(({ offset }) => offset);
  const first = async (): Promise<ParkedEvent> => {
    const [event] = await lot.list();
    if (event === undefined) throw new Error('nothing is parked');
    return event;
  };
  /** An instance: it handles until it is released. */
  const instance = (name: string): ParkedRetrier =>
    retrierOf({ group: GROUP, parkingLot: lot, clock, renewMs: 20 }, async ({ data }) => {
      log.push(`${name} begins ${data.n}`);
      await released;
      log.push(`${name} ends ${data.n}`);
    });
  const begun = (entry: string) => eventually(() => expect(log).toEqual([entry]));
  const inOffTime = async <Result>(offMs: number, work: () => Promise<Result>): Promise<Result> => {
    jest.useFakeTimers({ now: Date.now() + offMs, doNotFake: TIMERS });
    return work().finally(() => jest.useRealTimers());
  };

  test('is left to who tries it by a replay, however that names it', async () => {
    await park(1);
    await parkBehind(2);
    const trying = instance('a').retryDue();
    await begun('a begins 1');
    const { _id: id, error } = await first();
    const told = [];
    for (const selection of [{ id }, { group: GROUP, fingerprint: error?.fingerprint }, { group: GROUP, key: 'a' }])
      for (const dryRun of [true, false]) told.push(await desk.replay(selection, { perSecond, dryRun }));
    const other = instance('b').retryDue();
    await Promise.race([other, eventually(() => expect(log.length).toBeGreaterThan(1))]);
    release();
    await Promise.all([trying, other]);
    expect(log).toEqual(['a begins 1', 'a ends 1', 'a begins 2', 'a ends 2']);
    expect(told).toEqual(told.map(() => ({ ...LEFT, doneBy: null })));
  });

  test('is left to who tries it by a discard, so that those behind it wait for its end', async () => {
    await park(1);
    await parkBehind(2);
    const trying = instance('a').retryDue();
    await begun('a begins 1');
    const { _id: id } = await first();
    const told = [];
    for (const dryRun of [true, false]) told.push(await desk.discard({ id }, { dryRun }));
    const other = instance('b').retryDue();
    await Promise.race([other, eventually(() => expect(log.length).toBeGreaterThan(1))]);
    release();
    await Promise.all([trying, other]);
    expect(log).toEqual(['a begins 1', 'a ends 1', 'a begins 2', 'a ends 2']);
    expect(told).toEqual([LEFT, LEFT]);
  });

  test('keeps nothing else from being replayed or discarded', async () => {
    await park(1);
    await parkBehind(2);
    const trying = instance('a').retryDue();
    await begun('a begins 1');
    await park(3, 'b', { nextAt: new Date(clock.now().getTime() + 3_600_000) });
    expect(await desk.replay({ group: GROUP }, { perSecond, dryRun: false })).toMatchObject({
      events: 1,
      lines: 1,
      trying: 1,
      doneBy: clock.now(),
    });
    expect((await lot.due(10, [GROUP])).map(({ key }) => key)).toEqual(['b']);
    expect(await desk.discard({ group: GROUP }, { dryRun: false })).toEqual({ events: 2, lines: 2, trying: 1 });
    expect(await offsets()).toEqual([1]);
    release();
    await trying;
    expect(await offsets()).toEqual([]);
  });

  test('is left by a discard also where it was claimed after that began', async () => {
    await park(1);
    const event = await first();
    const claimed = async () => expect(await lot.claim(event)).toBe(true);
    const { deleteMany } = lot.model;
    jest.spyOn(lot.model, 'deleteMany').mockImplementationOnce((filter) => {
      const exec = () => claimed().then(() => deleteMany.call(lot.model, filter).exec());
      return { exec } as ReturnType<typeof deleteMany>;
    });
    expect(await desk.discard({ group: GROUP }, { dryRun: false })).toMatchObject({ events: 0, trying: 1 });
    expect(await offsets()).toEqual([1]);
  });

  test('is so for as long as its handler runs, and no longer', async () => {
    await park(1);
    const subject = retrierOf({ group: GROUP, parkingLot: lot, clock, renewMs: 20 }, async () => {
      log.push('begun');
      await released;
      throw new Error('still bad');
    });
    const trying = subject.retryDue();
    await begun('begun');
    clock.advance(60_000);
    const until = new Date(clock.now().getTime() + 10_000);
    await eventually(async () => expect(await first()).toMatchObject({ nextAt: until, tryingUntil: until }));
    release();
    await trying;
    expect(await first()).not.toHaveProperty('tryingUntil');
    expect(await desk.replay({ group: GROUP }, { perSecond, dryRun: false })).toMatchObject({ lines: 1, trying: 0 });
    // What of it was under way at its end came too late.
    await lot.renewClaim(await first());
    expect(await lot.due(10, [GROUP])).toHaveLength(1);
  });

  test('is free 10 s after a crash of who tried it', async () => {
    await park(1);
    await parkBehind(2);
    expect(await lot.claim(await first())).toBe(true);
    clock.advance(9_999);
    expect(await desk.discard({ group: GROUP, key: 'a' }, { dryRun: true })).toEqual({
      events: 1,
      lines: 1,
      trying: 1,
    });
    expect(await lot.due(10, [GROUP])).toEqual([]);
    clock.advance(1);
    expect(await lot.due(10, [GROUP])).toHaveLength(1);
    expect(await desk.discard({ id: (await first())._id }, { dryRun: false })).toMatchObject({ events: 1, trying: 0 });
    expect(await offsets()).toEqual([2]);
  });

  test.each([
    ['its line', async () => void (await lot.claim(await first()))],
    ['the call that it was set aside with', async () => undefined],
  ])('is left to %s by an instance whose clock is an hour ahead', async (_, claim) => {
    lot = lotWith();
    desk = new ParkingDesk(lot);
    const nextAt = new Date();
    await park(1, 'a', { nextAt, attempts: -4, isTried: true });
    await claim();
    await inOffTime(3_600_000, async () => {
      expect(await lot.due(10, [GROUP])).toEqual([]);
      expect(await lot.claim(await first())).toBe(false);
      expect(await desk.discard({ group: GROUP }, { dryRun: false })).toEqual(LEFT);
      expect(await desk.replay({ group: GROUP }, { perSecond, dryRun: false })).toMatchObject(LEFT);
    });
    await lot.postpone(await first(), { error: new Error('bad'), nextAt, attempts: 0 });
    expect(await lot.claim(await first())).toBe(true);
  });
});
