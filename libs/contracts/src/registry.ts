import { catalogEvents } from './catalog.events.js';
import type { EventContract } from './envelope.js';
import { identityEvents } from './identity.events.js';
import { orderEvents } from './order.events.js';
import { reputationEvents } from './reputation.events.js';
import { socialFeedEvents } from './social-feed.events.js';

/** Every event there is: topics, validation and the event documentation are made from this list. */
export const allEvents: readonly EventContract[] = [
  ...identityEvents,
  ...catalogEvents,
  ...orderEvents,
  ...socialFeedEvents,
  ...reputationEvents,
];
