import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { Money, OptionView, ProductSnapshot, ProductStatus, StockLevel } from '#contracts';
import { InjectDatabase, ProjectionCollection, type Applied } from '#persistence';
import { offerTitle } from './offer-title.js';

/** A variant as the catalog's events tell it: for the time that the catalog itself can't be asked. */
export interface VariantCopy {
  _id: string;
  productId: string;
  merchantId: string;
  title: string;
  price: Money;
  status: ProductStatus;
  /** Absent until the first count is heard of. */
  available?: number;
}

@Injectable()
export class VariantCopies extends ProjectionCollection<VariantCopy> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'variant_copies', indexes: [[{ productId: 1 }]] });
  }

  async takeProduct(product: ProductSnapshot, version: number): Promise<void> {
    const { productId, merchantId, status } = product;
    for (const { variantId, price, options } of product.variants) {
      const title = offerTitle(product.title, options as readonly OptionView[]);
      const $set = { productId, merchantId, status, title, price };
      await this.applyIfNewer(variantId, 'product', version, { $set });
    }
    await this.retire(productId, version);
  }

  /** What the product had and has no more: all that it has has this version by now, or a later one. */
  private async retire(productId: string, version: number): Promise<void> {
    const others = { productId, 'src.product': { $lt: version } };
    await this.model.updateMany(others, { $set: { status: 'ARCHIVED', 'src.product': version } }).exec();
  }

  /** A price is told by an event of its own, too. */
  takePrice(variantId: string, price: Money, version: number): Promise<Applied> {
    return this.applyIfNewer(variantId, 'product', version, { $set: { price } });
  }

  takeStock({ variantId, available }: StockLevel, version: number): Promise<Applied> {
    return this.applyIfNewer(variantId, 'stock', version, { $set: { available } });
  }

  /** Those of these that are known in full. */
  async findAll(ids: readonly string[]): Promise<VariantCopy[]> {
    const found = await this.model
      .find({ _id: { $in: [...ids] } })
      .lean<VariantCopy[]>()
      .exec();
    return found.filter((copy) => copy.productId !== undefined && copy.title !== undefined);
  }
}
