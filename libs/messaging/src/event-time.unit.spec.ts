import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { timeMs, usualTimeMs } from './event-time.js';

describe('the time of an event', () => {
  test('is what the calendar says, in whatever order the minutes come', () => {
    const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.array(time), (times) => {
        const texts = times.map((one) => one.toISOString());
        expect(texts.map(usualTimeMs)).toEqual(times.map((one) => one.getTime()));
        expect(texts.map(timeMs)).toEqual(times.map((one) => one.getTime()));
      }),
    );
  });

  test.each(['', 'yesterday', '2026-02-30T12:00:00.000Z', '2026-13-01T12:00:00.000Z', '2026-11-23T12:00:60.000Z'])(
    '%j is none',
    (text) => {
      // As the last minute that was read may be any.
      usualTimeMs('2026-11-23T12:00:00.000Z');
      expect(usualTimeMs(text)).toBeNaN();
    },
  );

  test('that is written otherwise is read by the calendar alone', () => {
    expect(usualTimeMs('2026-11-23T13:00:00+01:00')).toBeNaN();
    expect(timeMs('2026-11-23T13:00:00+01:00')).toBe(Date.UTC(2026, 10, 23, 12));
  });
});
