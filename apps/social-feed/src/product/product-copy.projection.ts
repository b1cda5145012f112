import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { EventOf, ProductChanged, ProductCreated, ProductSnapshot } from '#contracts';
import { InjectDatabase, ProjectionCollection } from '#persistence';

interface ProductCopy {
  _id: string;
  status: ProductSnapshot['status'];
  variantIds: string[];
}

export type ProductTold = EventOf<typeof ProductCreated> | EventOf<typeof ProductChanged>;

/** Of the last event alone: earlier ones say nothing more. */
export const copyOf = ({ version, data: { productId, status, variants } }: ProductTold) => ({
  id: productId,
  version,
  fields: { status, variantIds: variants.map(({ variantId }) => variantId) },
});

/** What this service has learnt of the catalog's products, for when the catalog can't be asked. */
@Injectable()
export class ProductCopies extends ProjectionCollection<ProductCopy> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'product-copies', indexes: [] });
  }

  async learn(events: readonly ProductTold[]): Promise<void> {
    await this.copyAllIfNewer('product', events.map(copyOf));
  }

  async findCopies(ids: readonly string[]): Promise<Map<string, ProductCopy>> {
    const copies = await this.model
      .find({ _id: { $in: [...ids] } })
      .lean()
      .exec();
    return new Map(copies.map((copy) => [copy._id, copy]));
  }
}
