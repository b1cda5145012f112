import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { catalogEvents, ProductChanged, ProductCreated, type EventContract, type ProductSnapshot } from '#contracts';
import { copiesAfter, histories, rebuiltFrom } from '#testing';
import { copyOf, type ProductTold } from './product-copy.projection.js';

const products = ['product_a', 'product_b'];
const snapshot = fc.record({
  status: fc.constantFrom('DRAFT' as const, 'ACTIVE' as const, 'ARCHIVED' as const),
  variantIds: fc.subarray(['variant_1', 'variant_2', 'variant_3']),
});
const told = (version: number, productId: string) =>
  snapshot.map(({ status, variantIds }) => {
    const [first] = ProductCreated.example.variants;
    const variants = variantIds.flatMap((variantId) => (first ? [{ ...first, variantId }] : []));
    const data: ProductSnapshot = { ...ProductCreated.example, productId, status, variants };
    const contract: EventContract = version === 1 ? ProductCreated : ProductChanged;
    return { contract, data };
  });

describe('the copies of products', () => {
  test('made from what compaction left, and from events read again, are those made from all events', () => {
    fc.assert(
      fc.property(
        histories(told, products).chain((history) =>
          fc.tuple(fc.constant(history), rebuiltFrom(history, catalogEvents)),
        ),
        ([history, left]) => {
          const copies = (events: typeof history) => copiesAfter(events.map((event) => copyOf(event as ProductTold)));
          expect(copies(left)).toEqual(copies(history));
        },
      ),
    );
  });
});
