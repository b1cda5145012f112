import { Injectable } from '@nestjs/common';
import { OrderDelivered, type EventOf } from '#contracts';
import { ConsumerGroup, OnEventBatch } from '#messaging';
import { DeliveredLines } from './purchase.projection.js';

@Injectable()
@ConsumerGroup('reputation.purchases')
export class LearnLinesWhenOrderIsDelivered {
  constructor(private readonly lines: DeliveredLines) {}

  @OnEventBatch(OrderDelivered)
  async onOrdersDelivered(events: readonly EventOf<typeof OrderDelivered>[]): Promise<void> {
    await this.lines.add(events.map(({ data }) => data));
  }
}
