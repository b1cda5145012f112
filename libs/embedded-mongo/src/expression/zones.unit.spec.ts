import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { unshown } from './calendar.js';
import { isUtc, offsetOf } from './zones.js';

const HOUR = 3_600_000;
const time = fc
  .date({ min: new Date('1975-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.getTime());

describe('a time zone', () => {
  it.each([
    ['UTC', 0],
    ['GMT', 0],
    ['+03', 3],
    ['-0530', -5.5],
    ['+05:30', 5.5],
    ['Asia/Kolkata', 5.5],
    ['Etc/GMT+5', -5],
  ])('%s is as far ahead all the year', (zone, hours) => {
    fc.assert(fc.property(time, (at) => expect(offsetOf(zone)(at)).toBe(hours * HOUR)));
  });

  it('knows when clocks are put on', () => {
    const newYork = offsetOf('America/New_York');
    expect(newYork(Date.UTC(2021, 2, 14, 6, 59, 59, 999))).toBe(-5 * HOUR);
    expect(newYork(Date.UTC(2021, 2, 14, 7))).toBe(-4 * HOUR);
  });

  it('finds the time again of which its clocks show what they do, but for the hour that they show twice', () => {
    const berlin = offsetOf('Europe/Berlin');
    fc.assert(
      fc.property(time, (at) => {
        const again = unshown(at + berlin(at), berlin).getTime();
        expect([0, HOUR, -HOUR]).toContain(again - at);
        expect(again + berlin(again)).toBe(at + berlin(at));
      }),
    );
  });

  it('is UTC by any of its names only', () => {
    expect(['UTC', 'GMT', 'Z', undefined].every(isUtc)).toBe(true);
    expect(isUtc('Europe/London')).toBe(false);
  });

  it.each(['Mars/Olympus', '', '+5', '5'])('that is none, %p, is refused', (zone) => {
    expect(() => offsetOf(zone)).toThrow('unrecognized time zone identifier');
  });
});
