import { Injectable } from '@nestjs/common';
import { ProductChanged, ProductCreated } from '#contracts';
import { ConsumerGroup, OnEventBatch } from '#messaging';
import { ProductCopies, type ProductTold } from './product-copy.projection.js';

/** A changed price comes with a changed product, which has all prices. */
@Injectable()
@ConsumerGroup('order.catalog')
export class CopyVariantsWhenProductsChange {
  constructor(private readonly products: ProductCopies) {}

  @OnEventBatch(ProductCreated)
  @OnEventBatch(ProductChanged)
  async onProducts(events: readonly ProductTold[]): Promise<void> {
    await this.products.take(events);
  }
}
