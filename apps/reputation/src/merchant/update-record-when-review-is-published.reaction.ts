import { Injectable } from '@nestjs/common';
import { ReviewPublished, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { MerchantRecordRepository } from './merchant-record.repository.js';

@Injectable()
@ConsumerGroup('reputation.records')
export class UpdateRecordWhenReviewIsPublished {
  constructor(private readonly records: MerchantRecordRepository) {}

  @OnEvent(ReviewPublished)
  async onReviewPublished({ data }: EventOf<typeof ReviewPublished>): Promise<void> {
    await this.records.refresh(data.merchantId);
  }
}
