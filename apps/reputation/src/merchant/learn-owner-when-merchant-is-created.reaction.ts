import { Injectable } from '@nestjs/common';
import { MerchantCreated, type EventOf } from '#contracts';
import { ConsumerGroup, OnEventBatch } from '#messaging';
import { MerchantOwners } from './merchant-owners.projection.js';

@Injectable()
@ConsumerGroup('reputation.merchants')
export class LearnOwnerWhenMerchantIsCreated {
  constructor(private readonly owners: MerchantOwners) {}

  @OnEventBatch(MerchantCreated)
  async onMerchantsCreated(events: readonly EventOf<typeof MerchantCreated>[]): Promise<void> {
    await this.owners.learn(events);
  }
}
