import { Injectable } from '@nestjs/common';
import {
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  StockRestocked,
  StockSet,
  type StockLevel,
} from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { VariantCopies } from './variant-copy.projection.js';

interface Told {
  readonly data: StockLevel;
  readonly version: number;
}

/** Every event of a stock carries its level, so the latest one is all there is to know. */
@Injectable()
@ConsumerGroup('order.catalog')
export class CopyAvailabilityWhenStockChanges {
  constructor(private readonly variants: VariantCopies) {}

  @OnEvent(StockSet)
  @OnEvent(StockReserved)
  @OnEvent(StockRejected)
  @OnEvent(StockReleased)
  @OnEvent(StockCommitted)
  @OnEvent(StockRestocked)
  async onLevel({ data, version }: Told): Promise<void> {
    await this.variants.takeStock(data, version);
  }
}
