import { readCsv } from '../import/csv-records.js';

/** How an order of the data set ended, in the terms of this platform. */
export type Ending = 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED_BY_BUYER' | 'CANCELLED_BY_MERCHANT';

/** An order of another marketplace: who bought what, how it ended, and how many stars it got. */
export interface OrderSeed {
  readonly customer: string;
  readonly items: readonly { readonly product: string; readonly quantity: number }[];
  readonly ending: Ending;
  /** 1 to 5. */
  readonly stars: number | undefined;
}

/** The tables of Olist's data set, as CSV. */
export interface OlistTables {
  readonly orders: string;
  readonly items: string;
  readonly reviews: string;
  readonly customers: string;
}

/** A column is missing. */
export class TableFormatError extends Error {
  readonly code = 'SCENARIO.TABLE_FORMAT';
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  delivered: 'DELIVERED',
  shipped: 'SHIPPED',
  canceled: 'CANCELLED_BY_BUYER',
  unavailable: 'CANCELLED_BY_MERCHANT',
};

/** The first orders that have items, as many as are asked for and there are. Errors: TableFormatError. */
export function readOlist(tables: OlistTables, most: number): OrderSeed[] {
  const items = new Map<string, Map<string, number>>();
  for (const [order = '', product = ''] of table(tables.items, 'order_id', 'product_id')) {
    const counts = items.get(order) ?? new Map<string, number>();
    items.set(order, counts.set(product, (counts.get(product) ?? 0) + 1));
  }
  const stars = pairs(tables.reviews, 'order_id', 'review_score');
  const people = pairs(tables.customers, 'customer_id', 'customer_unique_id');
  const seeds: OrderSeed[] = [];
  for (const [order = '', customer = '', status = ''] of table(
    tables.orders,
    'order_id',
    'customer_id',
    'order_status',
  )) {
    if (seeds.length === most) break;
    const bought = items.get(order);
    if (!bought) continue;
    seeds.push({
      customer: people.get(customer) ?? customer,
      items: [...bought].map(([product, quantity]) => ({ product, quantity })),
      ending: ENDINGS[status] ?? 'CONFIRMED',
      stars: starsOf(stars.get(order)),
    });
  }
  return seeds;
}

function starsOf(text: string | undefined): number | undefined {
  const stars = Number(text);
  return Number.isInteger(stars) && stars >= 1 && stars <= 5 ? stars : undefined;
}

const pairs = (text: string, key: string, value: string): ReadonlyMap<string, string> =>
  new Map(table(text, key, value).map(([left = '', right = '']) => [left, right]));

/** The named columns of each row. */
function table(text: string, ...columns: readonly string[]): string[][] {
  const [header, ...body] = readCsv(text).records;
  const places = columns.map((column) => header?.cells.indexOf(column) ?? -1);
  const missing = columns.filter((_, index) => (places[index] ?? -1) < 0);
  if (missing.length > 0) throw new TableFormatError(`there is no column ${missing.join(', ')}`);
  return body.map(({ cells }) => places.map((place) => cells[place] ?? ''));
}
