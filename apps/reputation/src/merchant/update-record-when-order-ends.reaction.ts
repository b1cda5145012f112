import { Injectable } from '@nestjs/common';
import { OrderCancelled, OrderDelivered, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { MerchantRecordRepository } from './merchant-record.repository.js';
import { OrderOutcomes, type OrderOutcome } from './order-outcomes.projection.js';

type OrderEvent = EventOf<typeof OrderDelivered> | EventOf<typeof OrderCancelled>;

@Injectable()
@ConsumerGroup('reputation.records')
export class UpdateRecordWhenOrderEnds {
  constructor(
    private readonly outcomes: OrderOutcomes,
    private readonly records: MerchantRecordRepository,
  ) {}

  @OnEvent(OrderDelivered)
  async onOrderDelivered(event: EventOf<typeof OrderDelivered>): Promise<void> {
    await this.update(event, 'DELIVERED');
  }

  /** What the buyer or a payment brought to an end says nothing about the merchant. */
  @OnEvent(OrderCancelled)
  async onOrderCancelled(event: EventOf<typeof OrderCancelled>): Promise<void> {
    if (event.data.cancellationCode === 'MERCHANT') await this.update(event, 'CANCELLED_BY_MERCHANT');
  }

  private async update({ version, data }: OrderEvent, outcome: OrderOutcome): Promise<void> {
    await this.outcomes.learn(data, version, outcome);
    await this.records.refresh(data.merchantId);
  }
}
