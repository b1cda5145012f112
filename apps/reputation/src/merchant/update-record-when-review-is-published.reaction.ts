import { Injectable } from '@nestjs/common';
import { ReviewPublished, type EventOf } from '#contracts';
import { ConsumerGroup, OnEventBatch } from '#messaging';
import { MerchantRecordRepository } from './merchant-record.repository.js';

@Injectable()
@ConsumerGroup('reputation.records')
export class UpdateRecordWhenReviewIsPublished {
  constructor(private readonly records: MerchantRecordRepository) {}

  @OnEventBatch(ReviewPublished)
  async onReviewsPublished(events: readonly EventOf<typeof ReviewPublished>[]): Promise<void> {
    await this.records.refreshAll(events.map(({ data }) => data.merchantId));
  }
}
