import { Injectable } from '@nestjs/common';
import { OrderConfirmed, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { ShareLinkHandler } from './share-link.handler.js';

/** An order stays counted when it is cancelled later: it did come, and was confirmed. */
@Injectable()
@ConsumerGroup('social-feed.share-links')
export class CountOrderWhenOrderIsConfirmed {
  constructor(private readonly links: ShareLinkHandler) {}

  @OnEvent(OrderConfirmed)
  async onOrderConfirmed({ data, time }: EventOf<typeof OrderConfirmed>): Promise<void> {
    // A code that no link has was made up by whoever placed the order.
    if (data.shareCode) await this.links.countOrder(data.shareCode, data.orderId, new Date(time));
  }
}
