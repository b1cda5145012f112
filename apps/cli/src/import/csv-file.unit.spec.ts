import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCsvFile, toRows } from './csv-file.js';

const HEADER = 'Handle,Title,Variant Price';
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a product export', () => {
  test('gives its rows by column', () => {
    const { rows, rejected } = toRows(bytes(`${HEADER}\nlamp,Lamp,19.90\n`));
    expect(rows).toEqual([{ line: 2, cells: { Handle: 'lamp', Title: 'Lamp', 'Variant Price': '19.90' } }]);
    expect(rejected).toEqual([]);
  });

  test('may begin with a byte order mark and end its lines as Windows does', () => {
    const { rows } = toRows(bytes(`\uFEFF${HEADER}\r\nlamp,Lamp,1\r\nvase,Vase,2\r\n`));
    expect(rows.map(({ line, cells }) => [line, cells['Handle'], cells['Variant Price']])).toEqual([
      [2, 'lamp', '1'],
      [3, 'vase', '2'],
    ]);
  });

  test('may have no product at all', () => {
    expect(toRows(bytes(HEADER))).toEqual({ rows: [], rejected: [] });
  });

  test('reports rows that are broken, too short or too long, by line, and keeps the rest', () => {
    const { rows, rejected } = toRows(bytes(`${HEADER}\nlamp,Lamp\nvase,"Va"se,2\ncup,Cup,3\npot,Pot,4,5\n`));
    expect(rows.map(({ cells }) => cells['Handle'])).toEqual(['cup']);
    expect(rejected).toEqual([
      { line: 2, reason: 'has 2 cells where the header has 3' },
      { line: 3, reason: 'has a quote in the middle of a cell' },
      { line: 5, reason: 'has 4 cells where the header has 3' },
    ]);
  });

  test.each([
    ['an empty file', new Uint8Array(), 'it is empty'],
    ['a file of blank lines', bytes('\n\n\n'), 'it is empty'],
    ['another header', bytes('Name,Title,Price\nlamp,Lamp,1\n'), 'it has no column Handle, Variant Price'],
    ['a broken header', bytes(`Handle,"Title"x,Variant Price\nlamp,Lamp,1\n`), 'its header has a quote in the middle'],
    ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]), 'it is a binary file, or not in UTF-8'],
    ['text in UTF-16', Buffer.from(`\uFEFF${HEADER}\n`, 'utf16le'), 'it is a binary file, or not in UTF-8'],
    ['text in Latin-1', Buffer.from(`${HEADER}\nlamp,Lämp,1\n`, 'latin1'), 'it is not in UTF-8'],
    ['something else in text', bytes('{"products": []}'), 'its header has a quote in the middle of a cell'],
    ['nothing but quotes', bytes('a"b\n'.repeat(2_000)), 'more than 1000 of its rows have broken quotes'],
  ])('is not %s', async (_what, content, reason) => {
    const folder = mkdtempSync(join(tmpdir(), 'grapevine-import-'));
    const file = join(folder, 'products.csv');
    writeFileSync(file, content);
    await expect(readCsvFile(file)).rejects.toThrow(`${file} is no Shopify product export: ${reason}`);
    rmSync(folder, { recursive: true });
  });

  test('is not a file that is not there', async () => {
    await expect(readCsvFile('/nowhere/products.csv')).rejects.toThrow(/can't be read: .*ENOENT/);
  });
});
