import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addUnits, dateOfParts, isoWeekYear } from './calendar.js';

const utc = () => 0;
const date = fc.date({ min: new Date('1600-01-01'), max: new Date('2500-01-01'), noInvalidDate: true });
const monthOf = (each: Date) => each.getUTCFullYear() * 12 + each.getUTCMonth();

describe('the calendar', () => {
  it('counts months, and keeps the day or takes the last one there is', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -500, max: 500 }), (start, months) => {
        const later = addUnits(start, 'month', months, utc);
        expect(monthOf(later)).toBe(monthOf(start) + months);
        const tomorrow = new Date(later.getTime() + 86_400_000);
        const isLast = monthOf(tomorrow) !== monthOf(later);
        if (later.getUTCDate() !== start.getUTCDate())
          expect(isLast && later.getUTCDate() < start.getUTCDate()).toBe(true);
        expect(later.getTime() - start.getTime()).toBe(
          Math.round((later.getTime() - start.getTime()) / 86_400_000) * 86_400_000,
        );
      }),
    );
  });

  it('keeps the hour of the day where clocks are put on', () => {
    const switchedAt = Date.UTC(2021, 2, 14, 7);
    const newYork = (time: number) => (time < switchedAt ? -5 : -4) * 3_600_000;
    const start = new Date('2021-03-13T17:00:00Z');
    expect(addUnits(start, 'day', 1, newYork)).toEqual(new Date('2021-03-14T16:00:00Z'));
    expect(addUnits(start, 'hour', 24, newYork)).toEqual(new Date('2021-03-14T17:00:00Z'));
  });

  it('finds a date by its parts', () => {
    fc.assert(
      fc.property(date, (wanted) => {
        const parts = {
          year: wanted.getUTCFullYear(),
          month: wanted.getUTCMonth() + 1,
          day: wanted.getUTCDate(),
          millisecond: wanted.getTime() % 86_400_000,
        };
        if (parts.millisecond < 0) parts.millisecond += 86_400_000;
        expect(dateOfParts(parts, utc)).toEqual(wanted);
      }),
    );
  });

  it('knows the year of a week', () => {
    const week = fc.record({
      isoWeekYear: fc.integer({ min: 1600, max: 2500 }),
      isoWeek: fc.integer({ min: 1, max: 52 }),
      isoDayOfWeek: fc.integer({ min: 1, max: 7 }),
    });
    fc.assert(
      fc.property(week, (parts) => {
        const day = dateOfParts(parts, utc);
        expect(isoWeekYear(day)).toBe(parts.isoWeekYear);
        expect(day.getUTCDay() || 7).toBe(parts.isoDayOfWeek);
      }),
    );
  });

  it('refuses a unit that is none', () => {
    expect(() => addUnits(new Date(0), 'moon', 1, utc)).toThrow('unknown time unit value: moon');
  });
});
