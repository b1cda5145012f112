import { OrderConfirmed, ShareLinkClicked, ShareLinkCreated, ShareLinkOrdered, type EventOf } from '#contracts';
import { restoredAggregates, restoredBy } from '#messaging';
import type { KnownState } from '#persistence';
import { targetOf, type ShareLink } from './share-link.js';
import { ShareLinkHandler } from './share-link.handler.js';
import { LinkOrders, ShareLinkRepository } from './share-link.repository.js';

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
export const restoredLinks = restoredAggregates({
  name: 'social-feed.share-links',
  from: [ShareLinkCreated, ShareLinkClicked, ShareLinkOrdered],
  into: ShareLinkRepository,
  told: toldOfLink,
});

/** Which orders came through which link, from the states of the orders: a link itself only tells how many. */
export const restoredLinkOrders = restoredBy({
  name: 'social-feed.link-orders',
  after: [restoredLinks.name],
  from: [OrderConfirmed],
  collection: LinkOrders,
  by: ShareLinkHandler,
  take: (links, events) =>
    links.recallOrders(
      events.flatMap(({ time, data: { orderId, shareCode } }) =>
        shareCode ? [{ orderId, code: shareCode, confirmedAt: new Date(time) }] : [],
      ),
    ),
});
