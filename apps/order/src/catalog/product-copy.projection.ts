import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { EventOf, Money, OptionView, ProductChanged, ProductCreated, ProductStatus } from '#contracts';
import { InjectDatabase, ProjectionCollection, type NewerCopy } from '#persistence';
import { offerTitle } from './offer-title.js';

export interface ProductCopy {
  _id: string;
  merchantId: string;
  status: ProductStatus;
  variants: { variantId: string; title: string; price: Money }[];
}
export type ProductTold = EventOf<typeof ProductCreated> | EventOf<typeof ProductChanged>;

/** Of the last event alone: it has all variants with their prices, and those that it has not are not sold any more. */
export function copyOfProduct({ version, data }: ProductTold): NewerCopy<Omit<ProductCopy, '_id'>> {
  const { productId, merchantId, status } = data;
  const variants = data.variants.map(({ variantId, price, options }) => ({
    variantId,
    title: offerTitle(data.title, options as readonly OptionView[]),
    price,
  }));
  return { id: productId, version, fields: { merchantId, status, variants } };
}

/** Products as the catalog's events tell them. */
@Injectable()
export class ProductCopies extends ProjectionCollection<ProductCopy> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'product_copies', indexes: [[{ 'variants.variantId': 1 }]] });
  }

  async take(events: readonly ProductTold[]): Promise<void> {
    await this.copyAllIfNewer('product', events.map(copyOfProduct));
  }

  /** Those that have one of the variants. */
  ofVariants(variantIds: readonly string[]): Promise<ProductCopy[]> {
    return this.model
      .find({ 'variants.variantId': { $in: [...variantIds] } })
      .lean<ProductCopy[]>()
      .exec();
  }
}
