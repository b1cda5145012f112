import { describe, expect, it } from '@jest/globals';
import { Long, type Document } from 'mongodb';
import { failure, type Target } from './target.js';

const SUMMER = new Date('2024-07-15T22:20:30.456Z');
const WINTER = new Date('2024-12-01T03:00:00Z');
const THING = { _id: 1 as never, s: 'wörld', e: '', n: null, list: [1, 2], parts: [{ k: 1 }, { z: 2 }], at: SUMMER };

type Case = [title: string, expression: Document, result: unknown];

const day = (text: string) => new Date(text);
const between = (unit: string, timezone: string): Document => ({
  $dateDiff: { startDate: '$at', endDate: WINTER, unit, timezone },
});

const ZONES: Case[] = [
  ['a part in UTC', { $hour: { date: '$at', timezone: 'UTC' } }, 22],
  ['a part in GMT', { $dayOfMonth: { date: '$at', timezone: 'GMT' } }, 15],
  ['a part in a place', { $dayOfMonth: { date: '$at', timezone: 'Europe/Berlin' } }, 16],
  ['a part in no zone', { $hour: { date: '$at', timezone: '$n' } }, null],
  [
    'text',
    { $dateToString: { date: '$at', timezone: 'Asia/Kolkata', format: '%Y-%m-%d %H:%M %z %Z %%' } },
    '2024-07-16 03:50 +0530 330 %',
  ],
  [
    'text of UTC',
    { $dateToString: { date: '$at', timezone: 'UTC', format: '%Y-%m-%dT%H:%M:%S.%LZ' } },
    SUMMER.toISOString(),
  ],
  ['text in no format', { $dateToString: { date: '$at', format: '$n' } }, null],
  ['a date of parts', { $dateFromParts: { year: 2024, month: 1, day: 1, timezone: 'UTC' } }, day('2024-01-01')],
  [
    'a date of text',
    { $dateFromString: { dateString: '2024-07-15T10:00:00', timezone: 'America/New_York' } },
    day('2024-07-15T14:00:00Z'),
  ],
  [
    'a date of text in a format',
    { $dateFromString: { dateString: '15/07/2024 10:11', format: '%d/%m/%Y %H:%M', timezone: 'Europe/Berlin' } },
    day('2024-07-15T08:11:00Z'),
  ],
  [
    'the beginning of a month',
    { $dateTrunc: { date: '$at', unit: 'month', timezone: 'America/New_York' } },
    day('2024-07-01T04:00:00Z'),
  ],
  [
    'the beginning of five hours',
    { $dateTrunc: { date: '$at', unit: 'hour', binSize: 5, timezone: 'America/New_York' } },
    day('2024-07-15T22:00:00Z'),
  ],
  [
    'the beginning of an hour, however weeks begin',
    { $dateTrunc: { date: '$at', unit: 'hour', startOfWeek: '$n' } },
    day('2024-07-15T22:00:00Z'),
  ],
  ['days between', between('day', 'America/New_York'), 138],
  ['hours between, one of them twice', between('hour', 'America/New_York'), 3317],
  [
    'months on',
    { $dateAdd: { startDate: '$at', unit: 'month', amount: 5, timezone: 'Europe/Berlin' } },
    day('2024-12-15T23:20:30.456Z'),
  ],
];

const VALUES: Case[] = [
  ['the length of a text in a list', { $strLenCP: ['$s'] }, 5],
  ['the bytes of a text', { $strLenBytes: '$s' }, 6],
  ['a trimmed text', { $trim: { input: ' \t x é ' } }, 'x é'],
  ['a text trimmed of characters', { $trim: { input: 'éxé', chars: 'é' } }, 'x'],
  ['a text trimmed of nothing known', { $trim: { input: ' x ', chars: '$n' } }, null],
  ['an empty text that is replaced', { $replaceAll: { input: 'abc', find: '', replacement: '-' } }, '-a-b-c-'],
  [
    'a replacement that looks like a pattern',
    { $replaceAll: { input: 'a.b', find: '.', replacement: { $literal: '$&' } } },
    'a$&b',
  ],
  ['zipped lists of which one is empty', { $zip: { inputs: [[], '$list'] } }, []],
  [
    'zipped lists with defaults',
    { $zip: { inputs: [[1, null], [3]], useLongestLength: true, defaults: [7, 8] } },
    [
      [1, 3],
      [null, 8],
    ],
  ],
  ['a field of null', { $getField: { field: 'x', input: '$n' } }, null],
  ['a conversion by number', { $convert: { input: '5', to: 16 } }, 5],
  ['a conversion to what nothing becomes', { $convert: { input: '5', to: 3, onError: 'none' } }, 'none'],
];

const REFUSED: [title: string, expression: Document, code: number][] = [
  ['an unknown zone', { $hour: { date: '$at', timezone: 'Mars/Olympus' } }, 40485],
  ['a zone that is a date', { $hour: { date: '$at', timezone: '$at' } }, 40533],
  ['text before null in $concat', { $concat: [5, '$n'] }, 16702],
  ['a number before null in $setUnion', { $setUnion: [5, '$n'] }, 17043],
  ['a number before null in $concatArrays', { $concatArrays: [5, '$n'] }, 28664],
  ['a list in $mergeObjects', { $mergeObjects: '$parts' }, 40400],
  ['half a character', { $substrCP: ['$s', 1.5, 1] }, 34451],
  ['a limit of $filter that is none', { $filter: { input: '$list', cond: true, limit: 'x' } }, 327391],
  ['null in $firstN', { $firstN: { input: '$n', n: 1 } }, 5788200],
  ['half a day', { $dateAdd: { startDate: '$at', unit: 'day', amount: 1.5 } }, 5166405],
  ['a unit that is none', { $dateDiff: { startDate: '$at', endDate: '$at', unit: 'x' } }, 9],
  ['a unit that is a number', { $dateTrunc: { date: '$at', unit: 5 } }, 5439013],
  ['a date without a year', { $dateFromParts: { month: 5 } }, 40516],
  ['a year that is a text', { $dateFromParts: { year: 'x' } }, 40515],
  ['a year that is out of range', { $dateFromParts: { year: -1 } }, 40523],
  ['an unknown part of a date', { $dateFromParts: { year: 1, foo: 1 } }, 40518],
  ['an unknown argument of $hour', { $hour: { date: '$at', foo: 1 } }, 40535],
  ['a double before null in $bitAnd', { $bitAnd: [1.5, '$n'] }, 14],
  ['text after an int64 in $bitOr', { $bitOr: [Long.ONE, '$s'] }, 14],
  ['a field that is a number', { $getField: { field: 5, input: '$$ROOT' } }, 3041704],
  ['$type of nothing', { $type: [] }, 16020],
  ['$ifNull of one', { $ifNull: ['$s'] }, 1257300],
  ['an unknown argument of $regexMatch', { $regexMatch: { input: '$s', regex: 'w', foo: 1 } }, 31024],
  ['$regexMatch without a pattern', { $regexMatch: { input: '$s' } }, 31023],
  ['an unknown argument of $map', { $map: { input: '$list', in: 1, foo: 1 } }, 16879],
  ['an unknown argument of $trim', { $trim: { input: '$s', foo: 1 } }, 50694],
  ['$trim of a text itself', { $trim: '$s' }, 50696],
  ['$replaceOne without a replacement', { $replaceOne: { input: '$s', find: 'w' } }, 51747],
  ['$dateTrunc without a unit', { $dateTrunc: { date: '$at' } }, 5439010],
  ['$dateToString of nothing', { $dateToString: {} }, 18628],
  ['$dateDiff without an end', { $dateDiff: { startDate: '$at', unit: 'day' } }, 5166304],
  ['an unknown argument of $sortArray', { $sortArray: { input: '$list', sortBy: 1, foo: 1 } }, 2942501],
];

/** Values of expressions, and what they refuse: also when no document comes that they would be evaluated for. */
export function expressionFeatures(target: () => Target): void {
  const computed = async (expression: Document): Promise<unknown> => {
    const { things } = target();
    await things.insertOne({ ...THING });
    const [found] = await things.aggregate([{ $project: { _id: 0, x: expression } }]).toArray();
    return found?.x instanceof Long ? found.x.toNumber() : found?.x;
  };

  describe('expressions', () => {
    it.each([...ZONES, ...VALUES])('compute %s', async (...[, expression, result]) => {
      expect(await computed(expression)).toEqual(result);
    });

    it.each(REFUSED)('refuse %s', async (...[, expression, code]) => {
      expect(await failure(computed(expression))).toMatchObject({ code });
    });

    it('look no further than the end of a text', async () => {
      const all = (input: string) => computed({ $regexFindAll: { input, regex: 'o*' } });
      expect(await all('foo')).toMatchObject([
        { match: '', idx: 0 },
        { match: 'oo', idx: 1 },
      ]);
    });
  });

  describe('$pop', () => {
    it('does nothing where there is no path, and refuses one that a value stands in the way of', async () => {
      const { things } = target();
      await things.insertOne({ _id: 1 as never, list: [1, 2], s: 'x' });
      expect(await things.updateOne({}, { $pop: { 'nope.list': 1 } })).toMatchObject({ modifiedCount: 0 });
      for (const path of ['list.x', 's.list']) {
        expect(await failure(things.updateOne({}, { $pop: { [path]: 1 } }))).toMatchObject({ code: 28 });
      }
      expect(await things.updateOne({}, { $unset: { 's.list': 1 } })).toMatchObject({ modifiedCount: 0 });
      expect(await things.findOne()).toEqual({ _id: 1, list: [1, 2], s: 'x' });
    });
  });
}
