import { Injectable } from '@nestjs/common';
import { OrderConfirmed, ShareLinkClicked, ShareLinkCreated, ShareLinkOrdered, type EventOf } from '#contracts';
import { OnEventBatch } from '#messaging';
import type { KnownState } from '#persistence';
import { targetOf, type ShareLink } from './share-link.js';
import { ShareLinkHandler } from './share-link.handler.js';
import { ShareLinkRepository } from './share-link.repository.js';

type LinkEvent = EventOf<typeof ShareLinkCreated> | EventOf<typeof ShareLinkClicked> | EventOf<typeof ShareLinkOrdered>;

/** What an event tells of a link. Clicks and orders only ever go up. */
export function toldOfLink(told: LinkEvent): KnownState<ShareLink> {
  const { subject: id, version, time } = told;
  const { code, ownerId, productId, postId = null, createdAt } = told.data;
  const since = new Date(createdAt ?? time);
  const target = { ownerId, productId, postId };
  const clicks = told.type === 'share-link.clicked' ? told.data.clicks : 0;
  const orders = told.type === 'share-link.ordered' ? told.data.orders : 0;
  const apply = (present: ShareLink | undefined): ShareLink => ({
    ...target,
    target: targetOf(target),
    code,
    createdAt: createdAt || present === undefined || since < present.createdAt ? since : present.createdAt,
    clicks: Math.max(clicks, present?.clicks ?? 0),
    orders: Math.max(orders, present?.orders ?? 0),
  });
  return { id, version, apply };
}

/** Share links, from their states. */
@Injectable()
export class RestoredLinks {
  constructor(private readonly links: ShareLinkRepository) {}

  @OnEventBatch(ShareLinkCreated)
  @OnEventBatch(ShareLinkClicked)
  @OnEventBatch(ShareLinkOrdered)
  async take(events: readonly LinkEvent[]): Promise<void> {
    await this.links.restore(events.map(toldOfLink));
  }
}

/** Which orders came through which link, from the states of the orders: a link itself only tells how many. */
@Injectable()
export class RestoredLinkOrders {
  constructor(private readonly links: ShareLinkHandler) {}

  @OnEventBatch(OrderConfirmed)
  async take(events: readonly EventOf<typeof OrderConfirmed>[]): Promise<void> {
    const orders = events.flatMap(({ time, data: { orderId, shareCode } }) =>
      shareCode ? [{ orderId, code: shareCode, confirmedAt: new Date(time) }] : [],
    );
    await this.links.recallOrders(orders);
  }
}
