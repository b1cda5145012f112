import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FixedClock } from '#testing';
import { RetryLater, type ParkingLot } from '#messaging';
import { Counted } from './counter.events.js';
import { countedMessage, retrierOf, useParkingLot } from './parking.fixture.js';

const GROUP = 'counter.test';
const GROUPS = [GROUP, 'another.group'];
const line = { group: GROUP, topic: Counted.topic, key: 'a' };

describe('parking lot', () => {
  const parking = useParkingLot('parking');
  let clock: FixedClock;
  let lot: ParkingLot;
  beforeEach(() => {
    ({ clock, lot } = parking());
  });

  const message = (offset: number, key: string | null = 'a') => countedMessage(offset, key, clock.now());
  const parkFailed = (offset: number, inMs: number) =>
    lot.park(GROUP, message(offset), { error: new Error('bad'), nextAt: new Date(clock.now().getTime() + inMs) });
  const offsets = async () => (await lot.list()).map(({ offset }) => offset);
  const retrier = (handler: (n: number) => Promise<void>) =>
    retrierOf({ group: GROUP, parkingLot: lot, clock }, ({ data }) => handler(data.n));

  test('only the first of a line has a time to be tried; a delivery is parked once', async () => {
    await parkFailed(1, 10_000);
    await lot.park(GROUP, message(2));
    await lot.park(GROUP, message(2));
    await lot.park('another.group', message(1));
    const parked = await lot.list(line);
    expect(parked.map(({ offset, nextAt }) => [offset, nextAt !== undefined])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(await lot.linesOf(GROUP)).toEqual(new Set([`${Counted.topic}|a`]));
    expect(await lot.due(10, GROUPS)).toHaveLength(1);
    clock.advance(10_000);
    expect(await lot.due(10, GROUPS)).toHaveLength(2);
  });

  test('an event of a topic that was made anew is not taken for the one that was at its place before', async () => {
    await parkFailed(1, 10_000);
    const anew = { ...message(1), headers: new Map(message(1).headers).set('ce_id', 'event_anew') };
    await lot.park(GROUP, anew);
    expect(await offsets()).toEqual([1, 1]);
    await lot.park(GROUP, anew);
    await lot.removeAll(GROUP, [message(1)]);
    expect((await lot.list()).map(({ headers }) => headers['ce_id'])).toEqual(['event_anew']);
    expect(await lot.due(10, GROUPS)).toHaveLength(1);
  });

  test('a failing head is tried after 10 s, 1 min, 10 min, 1 h, and what is behind it never before it', async () => {
    await parkFailed(1, 10_000);
    await lot.park(GROUP, message(2));
    const tried: number[] = [];
    const subject = retrier(async (n) => {
      tried.push(n);
      if (tried.length <= 3) throw new Error('still bad');
    });
    for (const waitMs of [10_000, 60_000, 600_000, 3_600_000]) {
      clock.advance(waitMs - 1);
      const before = tried.length;
      await subject.retryDue();
      expect(tried).toHaveLength(before);
      clock.advance(1);
      await subject.retryDue();
    }
    expect(tried).toEqual([1, 1, 1, 1, 2]);
    expect(await offsets()).toEqual([]);
  });

  test('one that was set aside has the rest of its four tries soon, and waits 10 s after the last of them', async () => {
    await lot.park(GROUP, message(1), { error: new Error('slow'), nextAt: clock.now(), attempts: -2 });
    const subject = retrier(() => Promise.reject(new Error('slow again')));
    const waits: number[] = [];
    for (const _ of [1, 2, 3]) {
      await subject.retryDue();
      const [{ nextAt = new Date(0) } = {}] = await lot.list();
      waits.push(nextAt.getTime() - clock.now().getTime());
      clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([200, 10_000, 60_000]);
  });

  test('while the database of the handler is away attempts are not counted', async () => {
    await parkFailed(1, 0);
    const away = Object.assign(new Error('no server'), { name: 'MongoNetworkError' });
    await retrier(() => Promise.reject(away)).retryDue();
    const [event] = await lot.list();
    expect(event).toMatchObject({ attempts: 0, nextAt: new Date(clock.now().getTime() + 5_000) });
  });

  test('RetryLater sets the time of the next attempt', async () => {
    await parkFailed(1, 0);
    await retrier(() => Promise.reject(new RetryLater('not before noon', 7_000))).retryDue();
    expect((await lot.list())[0]?.nextAt).toEqual(new Date(clock.now().getTime() + 7_000));
  });

  test('of two instances one takes a due event', async () => {
    await parkFailed(1, 0);
    const [event] = await lot.due(1, GROUPS);
    if (event === undefined) throw new Error('nothing is due');
    const claims = await Promise.all([lot.claim(event), lot.claim(event), lot.claim(event)]);
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  test('a line that lost its time in a crash gets one', async () => {
    await lot.model.insertMany([{ ...(await parkedRow(3)) }]);
    expect(await lot.due(10, GROUPS)).toEqual([]);
    await lot.repair();
    expect((await lot.due(10, GROUPS)).map(({ offset }) => offset)).toEqual([3]);
  });

  test('bytes that are no text come back as they were; events without a key wait alone', async () => {
    const value = Buffer.from([0xff, 0xfe, 0x00, 0x7b]);
    await lot.park(GROUP, { ...message(1, null), value });
    await lot.park(GROUP, message(2, null));
    const parked = await lot.list();
    expect(parked.every(({ nextAt }) => nextAt !== undefined)).toBe(true);
    expect(Buffer.from(parked[0]?.value ?? '', parked[0]?.encoding)).toEqual(value);
  });

  test('a message whose header has a name that no document can have is parked as any other', async () => {
    await lot.park(GROUP, { ...message(1), headers: new Map(Object.entries({ 'a\0b': 'x', 'c.d': 'y', $e: 'z' })) });
    expect((await lot.list())[0]?.headers).toEqual({ 'a\uFFFDb': 'x', 'c.d': 'y', $e: 'z' });
  });

  /** As `park` leaves it when the process ends between its two writes. */
  async function parkedRow(offset: number) {
    await lot.park(GROUP, message(offset));
    const [row] = await lot.list();
    await lot.model.deleteMany({});
    if (row === undefined) throw new Error('nothing parked');
    const { nextAt: _nextAt, ...rest } = row;
    return rest;
  }
});
