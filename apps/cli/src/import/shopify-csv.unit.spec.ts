import { describe, expect, test } from '@jest/globals';
import { groupByHandle, readProduct, type ShopifyRow } from './shopify-csv.js';

const rows = (...cells: Record<string, string>[]): ShopifyRow[] =>
  cells.map((row, index) => ({ line: index + 2, cells: { Handle: 'lamp', ...row } }));
const lamp = { Title: 'Lamp', 'Option1 Name': 'Color', 'Option1 Value': 'red', 'Variant Price': '19.90' };

describe('a Shopify export', () => {
  test('gives a product with its variants, prices, options, images and tags', () => {
    const read = readProduct(
      rows(
        { ...lamp, Tags: 'light, desk,, light', 'Image Src': 'https://x.test/1.jpg', 'Variant Compare At Price': '25' },
        { 'Option1 Value': 'blue', 'Variant Price': '21', 'Variant Inventory Qty': '4', 'Variant Barcode': "'0012" },
        { 'Image Src': 'https://x.test/2.jpg', 'Image Alt Text': 'from above' },
      ),
      'EUR',
    );
    expect(read.rejected).toEqual([]);
    expect(read.product).toMatchObject({
      externalId: 'lamp',
      tags: ['light', 'desk'],
      images: [
        { url: 'https://x.test/1.jpg', alt: null },
        { url: 'https://x.test/2.jpg', alt: 'from above' },
      ],
      variants: [
        { options: [{ name: 'Color', value: 'red' }], price: { amountMinor: 1990, currency: 'EUR' }, onHand: 0 },
        { options: [{ name: 'Color', value: 'blue' }], barcode: '0012', onHand: 4, compareAtPrice: null },
      ],
    });
  });

  test('has no option where Shopify wrote its default', () => {
    const only = { Title: 'Lamp', 'Option1 Name': 'Title', 'Option1 Value': 'Default Title', 'Variant Price': '1' };
    expect(readProduct(rows(only), 'EUR').product?.variants[0]?.options).toEqual([]);
  });

  test('takes negative stock as none, with a warning', () => {
    const read = readProduct(rows({ ...lamp, 'Variant Inventory Qty': '-2' }), 'EUR');
    expect(read.product?.variants[0]?.onHand).toBe(0);
    expect(read.warnings).toEqual([{ line: 2, reason: 'has the stock -2, taken as 0' }]);
  });

  test.each([
    [{ 'Option1 Value': 'blue' }, 'has no price'],
    [{ 'Option1 Value': 'blue', 'Variant Price': 'free' }, 'Variant Price: «free» is not a decimal number'],
    [{ 'Option1 Value': 'blue', 'Variant Price': '-1' }, 'has the negative variant price «-1»'],
    [
      { 'Option1 Value': 'blue', 'Variant Price': '1', 'Variant Inventory Qty': '1.5' },
      'has the quantity «1.5», which is no whole number',
    ],
    [{ 'Option1 Value': 'red', 'Variant Price': '1' }, 'repeats the options of an earlier variant'],
    [{}, 'is neither a variant nor an image'],
  ])('rejects the row %j and keeps the rest', (bad, reason) => {
    const read = readProduct(rows(lamp, bad as Record<string, string>), 'EUR');
    expect(read.rejected).toEqual([{ line: 3, reason }]);
    expect(read.product?.variants).toHaveLength(1);
  });

  test('rejects every row of a product that nothing can be sold of', () => {
    const read = readProduct(rows({ ...lamp, 'Variant Price': '' }, { 'Image Src': 'https://x.test/1.jpg' }), 'EUR');
    expect(read.product).toBeNull();
    expect(read.rejected.map(({ line }) => line)).toEqual([2, 3]);
  });

  test('keeps the rows of a handle together and rejects those without', () => {
    const { products, rejected } = groupByHandle([
      { line: 2, cells: { Handle: 'a' } },
      { line: 3, cells: { Handle: '' } },
      { line: 4, cells: { Handle: 'b' } },
      { line: 5, cells: { Handle: 'a' } },
    ]);
    expect(products.map((group) => group.map(({ line }) => line))).toEqual([[2, 5], [4]]);
    expect(rejected).toEqual([{ line: 3, reason: 'has no handle' }]);
  });
});
