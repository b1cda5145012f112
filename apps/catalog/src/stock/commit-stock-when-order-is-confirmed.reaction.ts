import { Injectable } from '@nestjs/common';
import { OrderConfirmed, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { Clock } from '#service-kit';
import { MeetDemand } from './meet-demand.handler.js';
import { commit } from './stock.js';

@Injectable()
@ConsumerGroup('catalog.stock')
export class CommitStockWhenOrderIsConfirmed {
  constructor(
    private readonly demand: MeetDemand,
    private readonly clock: Clock,
  ) {}

  @OnEvent(OrderConfirmed)
  async onConfirmed({ data, version }: EventOf<typeof OrderConfirmed>): Promise<void> {
    await this.demand.meet(data, version, (variantId, stock, demand) =>
      commit(variantId, stock, demand, this.clock.now()),
    );
  }
}
