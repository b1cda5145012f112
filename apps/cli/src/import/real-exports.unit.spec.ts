import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCsvFile } from './csv-file.js';
import { fitToApi } from './product.policy.js';
import { groupByHandle, readProduct } from './shopify-csv.js';

const FOLDER = '../shared/data/shopify-csv';
const isThere = existsSync(FOLDER);
// Jest shows no output of a suite that passes silently, so the title says it as well.
if (!isThere) process.stderr.write(`SKIPPED: ${FOLDER} is missing, so no real export was read\n`);

describe(`real exports of shops${isThere ? '' : ` (SKIPPED: ${FOLDER} is missing)`}`, () => {
  (isThere ? test : test.skip).each([
    ['fashion.csv', 997, 3684],
    ['apparel.csv', 25, 96],
    ['jewelry.csv', 19, 24],
  ])('%s has %i products and %i variants', async (file, products, variants) => {
    const { rows, rejected } = await readCsvFile(join(FOLDER, file));
    const read = groupByHandle(rows).products.map((group) => fitToApi(readProduct(group, 'USD')));
    expect([...rejected, ...read.flatMap((product) => product.rejected)]).toEqual([]);
    const counts = read.map(({ product }) => product?.variants.length ?? 0);
    expect([counts.length, counts.reduce((sum, count) => sum + count, 0)]).toEqual([products, variants]);
    expect(read.flatMap(({ product }) => product?.images ?? []).length).toBeGreaterThan(products / 2);
  });
});
