import { Injectable } from '@nestjs/common';
import { OrderPlaced, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { Clock } from '#service-kit';
import { OrderRepository } from '../order/order.repository.js';
import { CartRepository } from './cart.repository.js';

/** Placing an order empties its cart right away; this does it when a crash came between the two. */
@Injectable()
@ConsumerGroup('order.cart')
export class EmptyCartWhenOrderIsPlaced {
  constructor(
    private readonly orders: OrderRepository,
    private readonly carts: CartRepository,
    private readonly clock: Clock,
  ) {}

  @OnEvent(OrderPlaced)
  async onPlaced({ data }: EventOf<typeof OrderPlaced>): Promise<void> {
    const order = await this.orders.find(data.orderId);
    if (order) await this.carts.takeOut(order.state, this.clock.now());
  }
}
