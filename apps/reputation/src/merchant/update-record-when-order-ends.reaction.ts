import { Injectable } from '@nestjs/common';
import { OrderCancelled, OrderDelivered } from '#contracts';
import { ConsumerGroup, OnEventBatch } from '#messaging';
import { MerchantRecordRepository } from './merchant-record.repository.js';
import { OrderOutcomes, outcomesOf, type OrderEnded } from './order-outcomes.projection.js';

@Injectable()
@ConsumerGroup('reputation.records')
export class UpdateRecordWhenOrderEnds {
  constructor(
    private readonly outcomes: OrderOutcomes,
    private readonly records: MerchantRecordRepository,
  ) {}

  @OnEventBatch(OrderDelivered)
  @OnEventBatch(OrderCancelled)
  async onOrdersEnded(events: readonly OrderEnded[]): Promise<void> {
    const outcomes = outcomesOf(events);
    await this.outcomes.learn(outcomes);
    await this.records.refreshAll(outcomes.map(({ fields }) => fields.merchantId));
  }
}
