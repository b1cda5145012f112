import { Injectable } from '@nestjs/common';
import { OrderCancelled, OrderCancelling, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { Clock } from '#service-kit';
import { MeetDemand } from './meet-demand.handler.js';
import { giveBack } from './stock.js';

type Undone = EventOf<typeof OrderCancelling> | EventOf<typeof OrderCancelled>;

/** Releases what was set aside, restocks what was sold. The order is cancelled when each of its lines has been answered. */
@Injectable()
@ConsumerGroup('catalog.stock')
export class GiveBackStockWhenOrderIsCancelled {
  constructor(
    private readonly demand: MeetDemand,
    private readonly clock: Clock,
  ) {}

  @OnEvent(OrderCancelling)
  async onCancelling(event: EventOf<typeof OrderCancelling>): Promise<void> {
    await this.giveBack(event);
  }

  @OnEvent(OrderCancelled)
  async onCancelled(event: EventOf<typeof OrderCancelled>): Promise<void> {
    await this.giveBack(event);
  }

  private async giveBack({ data, version }: Undone): Promise<void> {
    await this.demand.meet(data, version, (variantId, stock, demand) =>
      giveBack(variantId, stock, demand, this.clock.now()),
    );
  }
}
