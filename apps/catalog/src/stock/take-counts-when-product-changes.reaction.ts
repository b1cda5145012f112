import { Injectable } from '@nestjs/common';
import { ProductChanged, ProductCreated, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { ProductRepository } from '../product/product.repository.js';
import { TakeCounts } from './take-counts.handler.js';

/** Completes what a crash cut off between the writing of a product and of its stock documents. */
@Injectable()
@ConsumerGroup('catalog.counts')
export class TakeCountsWhenProductChanges {
  constructor(
    private readonly products: ProductRepository,
    private readonly counts: TakeCounts,
  ) {}

  @OnEvent(ProductCreated)
  async onCreated({ data }: EventOf<typeof ProductCreated>): Promise<void> {
    await this.take(data.productId);
  }

  @OnEvent(ProductChanged)
  async onChanged({ data }: EventOf<typeof ProductChanged>): Promise<void> {
    await this.take(data.productId);
  }

  /** The counts as they are now: those of the event may be old. */
  private async take(productId: string): Promise<void> {
    const [card] = await this.products.cards([productId]);
    if (card) await this.counts.of(productId, card.state);
  }
}
