import { Injectable } from '@nestjs/common';
import { MerchantCreated, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { MerchantOwners } from './merchant-owners.projection.js';

@Injectable()
@ConsumerGroup('reputation.merchants')
export class LearnOwnerWhenMerchantIsCreated {
  constructor(private readonly owners: MerchantOwners) {}

  @OnEvent(MerchantCreated)
  async onMerchantCreated({ version, data }: EventOf<typeof MerchantCreated>): Promise<void> {
    await this.owners.learn(data.merchantId, version, data.ownerAccountId);
  }
}
