import { describe, expect, test } from '@jest/globals';
import { fitToApi } from './product.policy.js';
import { readProduct, type ReadProduct, type ShopifyRow } from './shopify-csv.js';

const row = (line: number, cells: Record<string, string>): ShopifyRow => ({
  line,
  cells: { Handle: 'lamp', ...cells },
});
const first = { Title: 'Lamp', 'Option1 Name': 'Color', 'Option1 Value': 'red', 'Variant Price': '1' };
const fit = (...rows: ShopifyRow[]): ReadProduct => fitToApi(readProduct(rows, 'EUR'));

describe('what the API takes of a product', () => {
  test('is all of it, when it fits', () => {
    const read = readProduct([row(2, first)], 'EUR');
    expect(fitToApi(read)).toEqual(read);
  });

  test('is the product without variants that do not fit, which are rejected by line', () => {
    const { product, rejected } = fit(
      row(2, first),
      row(3, { 'Option1 Value': 'blue', 'Variant Price': '1', 'Variant Barcode': '1'.repeat(101) }),
      row(4, { 'Option1 Value': 'green', 'Variant Price': '1' }),
    );
    expect(product?.variants.map(({ options }) => options[0]?.value)).toEqual(['red', 'green']);
    expect(rejected).toEqual([{ line: 3, reason: expect.stringContaining('barcode Too big') }]);
  });

  test('is a hundred variants', () => {
    const more = Array.from({ length: 102 }, (_, index) =>
      row(3 + index, { 'Option1 Value': `c${index}`, 'Variant Price': '1' }),
    );
    const { product, rejected } = fit(row(2, first), ...more);
    expect(product?.variants).toHaveLength(100);
    expect(rejected.map(({ line }) => line)).toEqual([102, 103, 104]);
    expect(rejected[0]?.reason).toBe('is number 101, and 100 are allowed');
  });

  test('is ten options for each variant', () => {
    const names = Array.from({ length: 11 }, (_, index) => [`Option${index + 1} Name`, `Trait ${index}`]);
    const values = Array.from({ length: 11 }, (_, index) => [`Option${index + 1} Value`, 'x']);
    const few = Object.fromEntries(values.slice(0, 2));
    const { product, rejected } = fit(
      row(2, { ...first, ...Object.fromEntries([...names, ...values]) }),
      row(3, { ...few, 'Variant Price': '1' }),
    );
    expect(product?.variants).toHaveLength(1);
    expect(rejected).toEqual([{ line: 2, reason: expect.stringContaining('options Too big') }]);
  });

  test('is the rest, when a picture, a tag or the handle do not fit', () => {
    const { product, rejected, warnings } = fit(
      row(2, {
        ...first,
        Handle: 'Läm p',
        Tags: `ok,${'x'.repeat(201)}`,
        'Image Src': `https://x.test/${'y'.repeat(2048)}`,
      }),
    );
    expect(product).toMatchObject({ externalId: 'Läm p', handle: null, tags: ['ok'], images: [] });
    expect(rejected).toEqual([]);
    expect(warnings.map(({ reason }) => reason.slice(0, 12))).toEqual(['has an image', 'has a tag th', 'has a handle']);
  });

  test('is nothing, when its own fields or every variant do not fit', () => {
    const long = fit(row(2, { ...first, Title: 'x'.repeat(301) }), row(3, { 'Image Src': 'https://x.test/1.jpg' }));
    expect(long.product).toBeNull();
    expect(long.rejected.map(({ line }) => line)).toEqual([2, 3]);
    expect(long.rejected[0]?.reason).toContain('belongs to a product whose title Too big');
    const dear = fit(row(2, { ...first, 'Variant SKU': 'x'.repeat(201) }));
    expect(dear).toMatchObject({ product: null, rejected: [{ line: 2 }] });
  });
});
