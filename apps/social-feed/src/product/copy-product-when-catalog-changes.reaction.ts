import { Injectable } from '@nestjs/common';
import { ProductChanged, ProductCreated } from '#contracts';
import { ConsumerGroup, OnEventBatch } from '#messaging';
import { ProductCopies, type ProductTold } from './product-copy.projection.js';

@Injectable()
@ConsumerGroup('social-feed.products')
export class CopyProductWhenCatalogChanges {
  constructor(private readonly copies: ProductCopies) {}

  @OnEventBatch(ProductCreated)
  @OnEventBatch(ProductChanged)
  async onProducts(events: readonly ProductTold[]): Promise<void> {
    await this.copies.learn(events);
  }
}
