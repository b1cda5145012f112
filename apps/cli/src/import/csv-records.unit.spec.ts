import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BrokenCsvError, readCsv } from './csv-records.js';

const read = (...lines: string[]) => readCsv(lines.join('\n'));
const lines = (text: ReturnType<typeof readCsv>) => text.records.map(({ line, cells }) => [line, cells[0]]);

describe('a CSV text', () => {
  test('gives records with the line on which each begins', () => {
    const text = read('h,i', 'a,"1', '2"', '', '', 'b,"say ""hi"""', 'c,3');
    expect(lines(text)).toEqual([
      [1, 'h'],
      [2, 'a'],
      [6, 'b'],
      [7, 'c'],
    ]);
    expect(text.records[1]?.cells).toEqual(['a', '1\n2']);
    expect(text.records[2]?.cells).toEqual(['b', 'say "hi"']);
    expect(text.broken).toEqual([]);
  });

  test.each(['\n', '\r\n', '\r'])('may end its lines with %j', (end) => {
    const text = readCsv(['h,i', `a,"1${end}2"`, 'b,3', ''].join(end));
    expect(lines(text)).toEqual([
      [1, 'h'],
      [2, 'a'],
      [4, 'b'],
    ]);
  });

  test('loses one row to a quote that is never closed, not the rest of the file', () => {
    const text = read('h,i', 'a,1', 'b,"2', 'c,3', 'd,4');
    expect(lines(text)).toEqual([
      [1, 'h'],
      [2, 'a'],
      [4, 'c'],
      [5, 'd'],
    ]);
    expect(text.broken).toEqual([{ line: 3, reason: 'has a quote that is never closed' }]);
  });

  test('loses one row to a quote that is closed in the middle of a cell', () => {
    const text = read('h,i', '', 'a,"1"x', 'b,2', 'c,"3"');
    expect(lines(text)).toEqual([
      [1, 'h'],
      [4, 'b'],
      [5, 'c'],
    ]);
    expect(text.broken).toEqual([{ line: 3, reason: 'has a quote in the middle of a cell' }]);
  });

  test('takes the further lines of a broken row for its rest', () => {
    const text = read('h,i', 'a,"1"x', 'still, of, a', 'and "this"', 'b,2', 'c,"3', 'd,4');
    expect(lines(text)).toEqual([
      [1, 'h'],
      [5, 'b'],
      [7, 'd'],
    ]);
    expect(text.broken.map(({ line }) => line)).toEqual([2, 6]);
  });

  test('is none when nearly every row is broken', () => {
    expect(() => readCsv('a"b\n'.repeat(2_000))).toThrow(BrokenCsvError);
  });

  test('written with every cell quoted is read as it was, whatever is in the cells', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'ü', '💡') });
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, end) => {
        const quoted = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join()).join(end);
        const { records, broken } = readCsv(quoted);
        expect(records.map(({ cells }) => cells)).toEqual(rows);
        expect(broken).toEqual([]);
      }),
    );
  });
});
