import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { type ProductSnapshot } from '#contracts';
import { InjectDatabase, ProjectionCollection } from '#persistence';

interface ProductCopy {
  _id: string;
  status: ProductSnapshot['status'];
  variantIds: string[];
}

/** What this service has learnt of the catalog's products, for when the catalog can't be asked. */
@Injectable()
export class ProductCopies extends ProjectionCollection<ProductCopy> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'product-copies', indexes: [] });
  }

  async learn(version: number, { productId, status, variants }: ProductSnapshot): Promise<void> {
    const variantIds = variants.map(({ variantId }) => variantId);
    await this.applyIfNewer(productId, 'product', version, { $set: { status, variantIds } });
  }

  async findCopies(ids: readonly string[]): Promise<Map<string, ProductCopy>> {
    const copies = await this.model
      .find({ _id: { $in: [...ids] } })
      .lean()
      .exec();
    return new Map(copies.map((copy) => [copy._id, copy]));
  }
}
