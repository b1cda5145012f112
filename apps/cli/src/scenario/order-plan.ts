import type { OrderSeed, Ending } from './order-seeds.js';

/** Something on sale, with the pieces there are. */
export interface Offer {
  readonly variantId: string;
  readonly productId: string;
  readonly available: number;
}
export interface PlannedLine {
  readonly variantId: string;
  readonly productId: string;
  readonly quantity: number;
}
export interface PlannedOrder {
  /** Number of the person. */
  readonly buyer: number;
  /** Index of the shop. */
  readonly shop: number;
  readonly lines: readonly PlannedLine[];
  readonly ending: Ending;
  readonly stars: number | undefined;
}

/**
 * Maps orders of another marketplace onto people and products: each customer is a person, each product an offer, always
 * the same. An order is of one shop, that of its first product. Where an offer has too few pieces left the next one of
 * its shop that has enough takes its place, so that every planned order can be filled whatever the order of buying.
 */
export function planOrders(
  seeds: readonly OrderSeed[],
  shops: readonly (readonly Offer[])[],
  people: number,
): PlannedOrder[] {
  const offers = shops.flatMap((shelf, shop) => shelf.map((offer) => ({ ...offer, shop })));
  const left = new Map(offers.map(({ variantId, available }) => [variantId, available]));
  const buyers = new Numbering();
  const products = new Numbering();
  return seeds.flatMap((seed) => {
    const buyer = buyers.of(seed.customer) % people;
    const [first = 0] = seed.items.map(({ product }) => products.of(product));
    const shop = offers[first % offers.length]?.shop ?? 0;
    const shelf = shops[shop] ?? [];
    const lines = new Map<string, PlannedLine>();
    for (const { product, quantity } of seed.items) {
      const offer = nextWith(quantity, shelf, products.of(product), left);
      if (!offer) continue;
      const { variantId, productId } = offer;
      left.set(variantId, (left.get(variantId) ?? 0) - quantity);
      lines.set(variantId, { variantId, productId, quantity: (lines.get(variantId)?.quantity ?? 0) + quantity });
    }
    const { ending, stars } = seed;
    return lines.size > 0 ? [{ buyer, shop, lines: [...lines.values()], ending, stars }] : [];
  });
}

function nextWith(
  quantity: number,
  shelf: readonly Offer[],
  from: number,
  left: ReadonlyMap<string, number>,
): Offer | undefined {
  for (let step = 0; step < shelf.length; step++) {
    const offer = shelf[(from + step) % shelf.length];
    if (offer && (left.get(offer.variantId) ?? 0) >= quantity) return offer;
  }
  return undefined;
}

/** Numbers names in the order in which they first come. */
class Numbering {
  private readonly numbers = new Map<string, number>();

  of(name: string): number {
    const number = this.numbers.get(name) ?? this.numbers.size;
    this.numbers.set(name, number);
    return number;
  }
}
