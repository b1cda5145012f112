import { Injectable } from '@nestjs/common';
import { ProductChanged, ProductCreated, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { ProductCopies } from './product-copy.projection.js';

@Injectable()
@ConsumerGroup('social-feed.products')
export class CopyProductWhenCatalogChanges {
  constructor(private readonly copies: ProductCopies) {}

  @OnEvent(ProductCreated)
  async onProductCreated({ version, data }: EventOf<typeof ProductCreated>): Promise<void> {
    await this.copies.learn(version, data);
  }

  @OnEvent(ProductChanged)
  async onProductChanged({ version, data }: EventOf<typeof ProductChanged>): Promise<void> {
    await this.copies.learn(version, data);
  }
}
