import { Injectable } from '@nestjs/common';
import { MerchantCreated, type EventOf } from '#contracts';
import { ConsumerGroup, OnEventBatch } from '#messaging';
import { MerchantCopies } from './merchant-copy.projection.js';

@Injectable()
@ConsumerGroup('order.catalog')
export class CopyMerchantWhenItOpens {
  constructor(private readonly merchants: MerchantCopies) {}

  @OnEventBatch(MerchantCreated)
  async onCreated(events: readonly EventOf<typeof MerchantCreated>[]): Promise<void> {
    await this.merchants.take(events);
  }
}
