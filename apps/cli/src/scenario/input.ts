import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toRows } from '../import/csv-file.js';
import type { ShopifyRow } from '../import/shopify-csv.js';
import { MADE_UP_EXPORTS, madeUpGraph, madeUpOrders } from './made-up.js';
import { readOlist, type OrderSeed } from './order-seeds.js';
import { readGraph, type SocialGraph } from './social-graph.js';

export interface ScenarioInput {
  /** Where it is from, for people. */
  readonly source: string;
  readonly shops: readonly { readonly name: string; readonly rows: readonly ShopifyRow[] }[];
  readonly graph: SocialGraph;
  readonly orders: readonly OrderSeed[];
}

export interface InputSize {
  readonly people: number;
  readonly orders: number;
}

const EXPORTS = ['apparel', 'jewelry', 'fashion'];
const MADE_UP_PEOPLE = 12;
const MADE_UP_ORDERS = 30;

/** Real data from the folder, or made-up data where the folder is missing. */
export async function loadInput(folder: string, size: InputSize): Promise<ScenarioInput> {
  if (!existsSync(join(folder, 'olist'))) return madeUpInput(folder, size);
  const text = (...path: string[]) => readFile(join(folder, ...path), 'utf8');
  const olist = (table: string) => text('olist', `olist_${table}_dataset.csv`);
  const shops = EXPORTS.map(async (name) => {
    const { rows } = toRows(await readFile(join(folder, 'shopify-csv', `${name}.csv`)));
    return { name, rows };
  });
  const [orders, items, reviews, customers] = await Promise.all(
    ['orders', 'order_items', 'order_reviews', 'customers'].map(olist),
  );
  return {
    source: `real data in ${folder}`,
    shops: await Promise.all(shops),
    graph: readGraph(await text('social-graph', 'socfb-Reed98.edges'), size.people),
    orders: readOlist(
      { orders: orders ?? '', items: items ?? '', reviews: reviews ?? '', customers: customers ?? '' },
      size.orders,
    ),
  };
}

function madeUpInput(folder: string, { people, orders }: InputSize): ScenarioInput {
  const shops = Object.entries(MADE_UP_EXPORTS).map(([name, csv]) => ({ name, rows: toRows(Buffer.from(csv)).rows }));
  return {
    source: `made-up data, because ${folder} is missing`,
    shops,
    graph: madeUpGraph(Math.min(people, MADE_UP_PEOPLE)),
    orders: madeUpOrders(Math.min(orders, MADE_UP_ORDERS)),
  };
}
