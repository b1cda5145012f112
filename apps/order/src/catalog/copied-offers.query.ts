import { Injectable } from '@nestjs/common';
import type { Offer } from '../cart/cart.js';
import { ProductCopies } from './product-copy.projection.js';
import { StockCopies } from './stock-copy.projection.js';

/** What may be bought as the catalog's events tell it: for the time that the catalog itself can't be asked. */
@Injectable()
export class CopiedOffers {
  constructor(
    private readonly products: ProductCopies,
    private readonly stocks: StockCopies,
  ) {}

  async of(variantIds: readonly string[]): Promise<Offer[]> {
    const [products, available] = await Promise.all([
      this.products.ofVariants(variantIds),
      this.stocks.available(variantIds),
    ]);
    const wanted = new Set(variantIds);
    return products.flatMap(({ _id: productId, merchantId, status, variants }) =>
      variants
        .filter(({ variantId }) => status === 'ACTIVE' && wanted.has(variantId))
        .map((variant): Offer => {
          const left = available.get(variant.variantId);
          return { productId, merchantId, ...variant, ...(left === undefined ? {} : { available: left }) };
        }),
    );
  }
}
