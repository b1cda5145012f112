import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createProduct, type Product, type ProductDraft } from './product.js';
import { searchKeys, wantedKeys } from './search-keys.js';

const T0 = new Date('2026-11-25T12:00:00.000Z');
const lamp = (more: Partial<ProductDraft> = {}): Product => {
  const draft: ProductDraft = {
    title: 'Crème Lamp',
    description: '',
    tags: ['Light', '照明'],
    images: [],
    status: 'ACTIVE',
    category: 'Home > Lamps',
    vendor: 'Łucja',
    variants: [{ options: [], price: { amountMinor: 1, currency: 'EUR' }, onHand: 1, sku: 'L 1/ß' }],
    ...more,
  };
  const owner = { merchantId: 'merchant_1', externalKey: 'x', handle: 'lamp' };
  return createProduct('product_1', owner, draft, (seed) => seed, T0).state;
};
const finds = (product: Product, ...search: Parameters<typeof wantedKeys>): boolean => {
  const keys = new Set(searchKeys(product));
  return wantedKeys(...search)?.every((key) => keys.has(key)) ?? false;
};

describe('a product is found', () => {
  test.each(['creme', 'CRÈME lam', '照明', '照', 'light', 'łuc', ' lamp ', '', undefined])('by %j', (query) => {
    expect(finds(lamp(), query, undefined)).toBe(true);
  });

  test.each(['creme sofa', 'amp', '明照', '!?', '💡', 'on-sale', 'merchant_2'])('not by %j', (query) => {
    expect(finds(lamp(), query, undefined)).toBe(false);
  });

  test('by its facts, in any case and form, and by all that are asked for only', () => {
    const filter = { merchantId: 'merchant_1', category: 'home > LAMPS', tag: 'ＬＩＧＨＴ', sku: 'l 1/ß' };
    expect(finds(lamp(), 'lamp', filter)).toBe(true);
    for (const field of ['merchantId', 'category', 'tag', 'sku']) {
      expect(finds(lamp(), 'lamp', { ...filter, [field]: 'other' })).toBe(false);
    }
  });

  test('only while it is on sale', () => {
    expect(searchKeys(lamp({ status: 'DRAFT' }))).toEqual([]);
    expect(searchKeys(lamp({ status: 'ARCHIVED' }))).toEqual([]);
  });

  test('by each of its tags and by its title, whatever they are made of', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).filter((value) => value.trim() !== '');
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 5 }), (title, tags) => {
        const product = lamp({ title, tags });
        for (const tag of tags) expect(finds(product, undefined, { tag })).toBe(true);
        const isSearchable = (wantedKeys(title, undefined)?.length ?? 0) > 0;
        if (isSearchable) expect(finds(product, title, undefined)).toBe(true);
        expect(searchKeys(product).every((key) => Buffer.byteLength(key) < 400)).toBe(true);
      }),
    );
  });
});
