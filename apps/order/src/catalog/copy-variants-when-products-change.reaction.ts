import { Injectable } from '@nestjs/common';
import { PriceChangedEvent, ProductChanged, ProductCreated, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { VariantCopies } from './variant-copy.projection.js';

@Injectable()
@ConsumerGroup('order.catalog')
export class CopyVariantsWhenProductsChange {
  constructor(private readonly variants: VariantCopies) {}

  @OnEvent(ProductCreated)
  async onCreated({ data, version }: EventOf<typeof ProductCreated>): Promise<void> {
    await this.variants.takeProduct(data, version);
  }

  @OnEvent(ProductChanged)
  async onChanged({ data, version }: EventOf<typeof ProductChanged>): Promise<void> {
    await this.variants.takeProduct(data, version);
  }

  @OnEvent(PriceChangedEvent)
  async onPriceChanged({ data, version }: EventOf<typeof PriceChangedEvent>): Promise<void> {
    await this.variants.takePrice(data.variantId, data.after, version);
  }
}
