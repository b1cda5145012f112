import { beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, type FixedClock } from '#testing';
import type { ParkingLot } from '#messaging';
import type { CountedHandler } from './counter.fixture.js';
import { countedMessage, retrierOf, useParkingLot } from './parking.fixture.js';

const GROUP = 'counter.test';
const LANES = 8;
/** Keys and their first places on the topic. */
const busy = Array.from({ length: LANES }, (_, index) => [`busy-${index}`, (index + 1) * 1_000_000] as const);

describe('parked lines', () => {
  const parking = useParkingLot('retrier');
  let clock: FixedClock;
  let lot: ParkingLot;
  beforeEach(() => {
    ({ clock, lot } = parking());
  });

  const parkDue = (key: string, offset: number) =>
    lot.park(GROUP, countedMessage(offset, key, clock.now()), { error: new Error('bad'), nextAt: clock.now() });
  const retrier = (handler: CountedHandler) => retrierOf({ group: GROUP, parkingLot: lot, clock }, handler);

  test('one whose handler hangs keeps no other waiting that is due after it', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const tried: string[] = [];
    const subject = retrier(async ({ subject: key }) => {
      tried.push(key);
      if (key === 'hanging') await released;
    });
    await parkDue('hanging', 1);
    subject.start();
    await eventually(() => expect(tried).toEqual(['hanging']));
    await parkDue('prompt', 2);
    await eventually(() => expect(tried).toEqual(['hanging', 'prompt']), { timeoutMs: 5_000 });
    expect((await lot.list()).map(({ key }) => key)).toContain('hanging');
    release();
    await subject.stop();
  });

  test('those that grow as fast as they are tried leave others their turn', async () => {
    const tried = new Set<string>();
    const subject = retrier(async ({ subject: key, data }) => {
      tried.add(key);
      if (!tried.has('other')) await lot.park(GROUP, countedMessage(data.n + 1, key, clock.now()));
      clock.advance(1);
    });
    for (const [key, offset] of busy) await parkDue(key, offset);
    subject.start();
    await eventually(() => expect(tried).toEqual(new Set(busy.map(([key]) => key))));
    await parkDue('other', 1);
    await eventually(() => expect(tried).toContain('other'), { timeoutMs: 10_000 });
    await eventually(async () => expect(await lot.list()).toEqual([]));
    await subject.stop();
  });
});
