import { Injectable } from '@nestjs/common';
import { StockCommitted, StockRejected, StockReleased, StockReserved, StockRestocked, StockSet } from '#contracts';
import { ConsumerGroup, OnEventBatch } from '#messaging';
import { StockCopies, type StockTold } from './stock-copy.projection.js';

/** Every event of a stock carries its level, so the latest one is all there is to know. */
@Injectable()
@ConsumerGroup('order.catalog')
export class CopyAvailabilityWhenStockChanges {
  constructor(private readonly stocks: StockCopies) {}

  @OnEventBatch(StockSet)
  @OnEventBatch(StockReserved)
  @OnEventBatch(StockRejected)
  @OnEventBatch(StockReleased)
  @OnEventBatch(StockCommitted)
  @OnEventBatch(StockRestocked)
  async onLevels(events: readonly StockTold[]): Promise<void> {
    await this.stocks.take(events);
  }
}
