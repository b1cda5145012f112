import { Injectable } from '@nestjs/common';
import { OrderDelivered, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { DeliveredLines } from './purchase.projection.js';

@Injectable()
@ConsumerGroup('reputation.purchases')
export class LearnLinesWhenOrderIsDelivered {
  constructor(private readonly lines: DeliveredLines) {}

  @OnEvent(OrderDelivered)
  async onOrderDelivered({ data }: EventOf<typeof OrderDelivered>): Promise<void> {
    await this.lines.add(data);
  }
}
