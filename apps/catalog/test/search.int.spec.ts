import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CountProducts, money, SearchProducts, UpdateProduct, type InputOf, type ProductView } from '#contracts';
import { BadInputError } from '#service-kit';
import { explainPlan } from '#testing';
import { ProductRepository } from '../src/product/product.repository.js';
import { wantedKeys } from '../src/product/search-keys.js';
import { CatalogWorld, orderOf, variantOf, type ProductInput, type Shop } from './catalog.world.js';

type Search = Partial<InputOf<typeof SearchProducts>>;

let world: CatalogWorld;
let shop: Shop;
let other: Shop;
const products = new Map<string, ProductView>();

const size = (value: string) => [{ name: 'Size', value }];
const list: Record<string, Partial<ProductInput>> = {
  lamp: {
    title: 'Crème Lamp',
    category: 'Home > Lamps',
    tags: ['Light', 'sale'],
    variants: [variantOf(3, { sku: 'L-1' })],
  },
  desk: { title: '折叠台灯 LED', tags: ['照明'], category: 'Home > Lamps', variants: [variantOf(0, { sku: 'L-2' })] },
  sofa: { title: 'Sofa', vendor: 'Łucja', tags: ['sale'], variants: [variantOf(2, { price: money(99_900, 'EUR') })] },
  russian: { title: 'Светильник 👩🏽‍🚀 <b>\u202E', variants: [variantOf(1, { sku: 'L-1' })] },
  sized: {
    title: 'Shirt',
    variants: [10, 90].map((euros) => variantOf(1, { price: money(euros * 100, 'EUR'), options: size(`${euros}`) })),
  },
  draft: { title: 'Lamp draft', status: 'DRAFT' },
  archived: { title: 'Lamp archived', status: 'ARCHIVED' },
};

beforeAll(async () => {
  world = await CatalogWorld.start();
  [shop, other] = [await world.shop(), await world.shop()];
  for (const [name, input] of Object.entries(list)) products.set(name, await world.product(shop, input));
  products.set('foreign', await world.product(other, { title: 'Lamp of another', tags: ['sale'] }));
});
afterAll(async () => {
  await world?.stop();
});

const search = (input: Search = {}) => world.as(null, SearchProducts, { first: 20, ...input });
const nameOf = (id: string): string => [...products].find(([, product]) => product.id === id)?.[0] ?? id;
const found = async (input: Search): Promise<string[]> => {
  const { items } = await search(input);
  const { query, filter } = input;
  const isCounted = typeof filter?.inStock !== 'boolean';
  expect(await world.as(null, CountProducts, { query, filter })).toBe(isCounted ? items.length : null);
  return items.map(({ node }) => nameOf(node.id)).toSorted((a, b) => a.localeCompare(b));
};

describe('a search', () => {
  test.each([
    ['creme', ['lamp']],
    ['LAMP', ['desk', 'foreign', 'lamp']],
    ['lam cre', ['lamp']],
    ['台灯', ['desk']],
    ['折叠台灯', ['desk']],
    ['led 照明', ['desk']],
    ['灯台', []],
    ['łucja', ['sofa']],
    ['светиль', ['russian']],
    ['lamp nothing', []],
    ['!!!', []],
  ])('for %j finds what is on sale and has each of its words', async (query, names) => {
    expect(await found({ query })).toEqual(names);
  });

  test.each<[Search['filter'], string[]]>([
    [{ category: 'home > lamps' }, ['desk', 'lamp']],
    [{ tag: 'SALE' }, ['foreign', 'lamp', 'sofa']],
    [{ sku: 'L-1' }, ['lamp', 'russian']],
    [{ tag: '照明' }, ['desk']],
    [{ category: 'Home > Lamps', tag: 'light', sku: 'l-1' }, ['lamp']],
    [{ tag: 'nothing' }, []],
    [{ priceFrom: 50_000 }, ['sofa']],
    [{ priceTo: 1_000 }, ['sized']],
    // One of its variants costs less and one more, but none as much.
    [{ priceFrom: 2_000, priceTo: 4_000 }, []],
    [{ tag: 'sale', priceFrom: 4_900, priceTo: 4_900 }, ['foreign', 'lamp']],
    [{ inStock: true, category: 'Home > Lamps' }, ['lamp']],
    [{ inStock: false }, ['desk']],
  ])('with the filter %j', async (filter, names) => {
    expect(await found({ filter })).toEqual(names);
  });

  test('of a merchant finds its own only', async () => {
    expect(await found({ query: 'lamp', filter: { merchantId: other.merchantId } })).toEqual(['foreign']);
    expect(await found({ filter: { merchantId: 'merchant_nobody' } })).toEqual([]);
  });

  test('follows availability and status as they are now', async () => {
    const [variant] = products.get('sofa')?.variants ?? [];
    if (variant === undefined) throw new Error('no sofa');
    const order = orderOf([variant, 2]);
    await world.placed(order);
    await world.untilAvailable(variant.id, 0);
    expect(await found({ query: 'sofa', filter: { inStock: true } })).toEqual([]);
    await world.cancelling(order);
    await world.untilAvailable(variant.id, 2);
    expect(await found({ query: 'sofa', filter: { inStock: true } })).toEqual(['sofa']);
    const id = variant.productId;
    await world.as(shop.owner, UpdateProduct, { id, status: 'ARCHIVED' });
    expect(await found({ query: 'sofa' })).toEqual([]);
    await world.as(shop.owner, UpdateProduct, { id, status: 'ACTIVE', title: 'Couch' });
    expect(await found({ query: 'sofa' })).toEqual([]);
    expect(await found({ query: 'couch' })).toEqual(['sofa']);
  });
});

describe('the list', () => {
  async function pages(input: Search): Promise<string[][]> {
    const all: string[][] = [];
    for (let after: string | undefined; ;) {
      const page = await search({ ...input, after });
      all.push(page.items.map(({ node }) => node.id));
      if (!page.hasNextPage) return all;
      after = page.items.at(-1)?.cursor;
    }
  }

  test('is newest first, page by page, each product once, whatever is filtered out between', async () => {
    const onSale = [...products.values()].filter(({ status }) => status === 'ACTIVE').map(({ id }) => id);
    const newestFirst = onSale.toSorted().toReversed();
    expect(await pages({ first: 2 })).toEqual([0, 2, 4].map((from) => newestFirst.slice(from, from + 2)));
    const inStock = newestFirst.filter((id) => nameOf(id) !== 'desk');
    expect((await pages({ first: 1, filter: { inStock: true } })).flat()).toEqual(inStock);
    expect(await search({ first: 0 })).toMatchObject({ items: [], hasNextPage: true });
  });

  test('takes cursors of its own only', async () => {
    const cursor = (await search({ first: 1 })).items[0]?.cursor;
    await expect(search({ after: 'nonsense' })).rejects.toBeInstanceOf(BadInputError);
    await expect(search({ after: cursor, query: 'lamp' })).rejects.toBeInstanceOf(BadInputError);
  });
});

describe('the database', () => {
  let connection: Awaited<ReturnType<CatalogWorld['connect']>>;
  beforeAll(async () => {
    connection = await world.connect();
  });
  afterAll(async () => {
    await connection?.close();
  });

  test('answers every query by an index', async () => {
    await world.queries.explainAll(connection);
  });

  test('looks a search up by its rarest key, and does not walk through all products in the order of the list', async () => {
    const { model } = new ProductRepository(connection);
    const keys = { $all: wantedKeys('lamp', { tag: 'sale' }) ?? [] };
    const plan = await explainPlan(model.find({ keys, _id: { $lt: 'z' } }, null, { sort: { _id: -1 } }), connection);
    // FerretDB, the other one, walks where there is little to walk through.
    if (world.servers.embedded) expect(JSON.stringify(plan)).toContain('"indexName":"keys_1__id_-1"');
  });
});
