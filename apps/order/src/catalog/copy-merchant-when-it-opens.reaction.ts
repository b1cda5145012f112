import { Injectable } from '@nestjs/common';
import { MerchantCreated, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { MerchantCopies } from './merchant-copy.projection.js';

@Injectable()
@ConsumerGroup('order.catalog')
export class CopyMerchantWhenItOpens {
  constructor(private readonly merchants: MerchantCopies) {}

  @OnEvent(MerchantCreated)
  async onCreated({ data, version }: EventOf<typeof MerchantCreated>): Promise<void> {
    await this.merchants.take(data.merchantId, data.ownerAccountId, version);
  }
}
