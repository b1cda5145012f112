import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { groupByHandle, readProduct } from '../import/shopify-csv.js';
import { loadInput } from './input.js';

const FOLDER = '../shared/data';
const isThere = existsSync(FOLDER);
if (!isThere) process.stderr.write(`SKIPPED: ${FOLDER} is missing, so the scenario's real input was not read\n`);

describe("the scenario's input", () => {
  (isThere ? test : test.skip)(`is real${isThere ? '' : ` (SKIPPED: ${FOLDER} is missing)`}`, async () => {
    const { shops, graph, orders } = await loadInput(FOLDER, { people: 60, orders: 200 });
    expect(shops.map(({ name, rows }) => [name, groupByHandle(rows).products.length])).toEqual([
      ['apparel', 25],
      ['jewelry', 19],
      ['fashion', 997],
    ]);
    expect([graph.people, graph.follows.length, orders.length]).toEqual([60, 108, 200]);
    expect(orders.filter(({ ending }) => ending === 'DELIVERED')).toHaveLength(193);
    expect(orders.filter(({ stars }) => stars !== undefined).length).toBeGreaterThan(190);
  });

  (isThere ? test : test.skip)('has the whole graph for 962 people', async () => {
    const { graph } = await loadInput(FOLDER, { people: 962, orders: 1 });
    expect([graph.people, graph.follows.length]).toEqual([962, 37_624]);
  });

  test('is made up where there is none, and says so', async () => {
    const { source, shops, graph, orders } = await loadInput('nowhere', { people: 60, orders: 200 });
    expect(source).toBe('made-up data, because nowhere is missing');
    expect([graph.people, orders.length]).toEqual([12, 30]);
    for (const { rows } of shops) {
      for (const group of groupByHandle(rows).products) {
        const { product, rejected } = readProduct(group, 'EUR');
        expect(rejected).toEqual([]);
        expect(product?.variants.length).toBeGreaterThan(0);
      }
    }
  });
});
