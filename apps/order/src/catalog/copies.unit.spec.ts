import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  catalogEvents,
  ProductChanged,
  ProductCreated,
  StockRejected,
  StockReserved,
  StockSet,
  type EventContract,
  type ProductSnapshot,
  type StockLevel,
} from '#contracts';
import { copiesAfter, histories, rebuiltFrom } from '#testing';
import { copyOfProduct, type ProductTold } from './product-copy.projection.js';
import { copyOfStock } from './stock-copy.projection.js';

const product = (version: number, productId: string) =>
  fc
    .record({
      status: fc.constantFrom('DRAFT' as const, 'ACTIVE' as const, 'ARCHIVED' as const),
      prices: fc.dictionary(fc.constantFrom('variant_1', 'variant_2', 'variant_3'), fc.nat(9_999)),
    })
    .map(({ status, prices }) => {
      const variants = Object.entries(prices).map(([variantId, amountMinor]) => ({
        variantId,
        options: [],
        price: { amountMinor, currency: 'EUR' as const },
        priceVersion: 1,
      }));
      const data: ProductSnapshot = { ...ProductCreated.example, productId, status, variants };
      const contract: EventContract = version === 1 ? ProductCreated : ProductChanged;
      return { contract, data };
    });

const level = (_: number, variantId: string) =>
  fc
    .tuple(fc.constantFrom<EventContract>(StockSet, StockReserved, StockRejected), fc.nat(50))
    .map(([contract, onHand]) => {
      const data: StockLevel = { ...StockSet.example, variantId, onHand, reserved: 0, available: onHand };
      return { contract, data };
    });

describe('the copies of the catalog', () => {
  test('of products, made from what compaction left, are those made from all events: no variant, no price differs', () => {
    const given = histories(product, ['product_a', 'product_b']);
    fc.assert(
      fc.property(
        given.chain((history) => fc.tuple(fc.constant(history), rebuiltFrom(history, catalogEvents))),
        ([history, left]) => {
          const copies = (events: typeof history) =>
            copiesAfter(events.map((event) => copyOfProduct(event as ProductTold)));
          expect(copies(left)).toEqual(copies(history));
        },
      ),
    );
  });

  test('of stocks as well, though the last level may have been told by an event of any type', () => {
    const given = histories(level, ['variant_1', 'variant_2']);
    fc.assert(
      fc.property(
        given.chain((history) => fc.tuple(fc.constant(history), rebuiltFrom(history, catalogEvents))),
        ([history, left]) => {
          const copies = (events: typeof history) => copiesAfter(events.map(copyOfStock));
          expect(copies(left)).toEqual(copies(history));
        },
      ),
    );
  });
});
