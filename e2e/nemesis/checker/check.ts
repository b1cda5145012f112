import { checkConsumers } from './consumers.js';
import { checkAcknowledged, checkOutboxes, checkParked } from './effects.js';
import { checkEngagement } from './engagement.js';
import { checkFaults } from './faults.js';
import { checkFeeds } from './feeds.js';
import { checkFollows } from './follows.js';
import { checkLastWords } from './last-words.js';
import { checkLinks } from './links.js';
import { checkMerchants } from './merchants.js';
import { checkMoney, checkOrders, checkSales } from './orders.js';
import { checkPosts } from './posts.js';
import { checkProfiles } from './profiles.js';
import type { Check, Recording } from './recording.js';
import { checkReviews } from './reviews.js';
import { checkShownOrders } from './shown-orders.js';
import { checkStock } from './stock.js';
import { checkVersions } from './versions.js';

const CHECKS: Readonly<Record<string, Check>> = {
  versions: checkVersions,
  consumers: checkConsumers,
  stock: checkStock,
  orders: checkOrders,
  money: checkMoney,
  sales: checkSales,
  acknowledged: checkAcknowledged,
  'last words': checkLastWords,
  profiles: checkProfiles,
  follows: checkFollows,
  posts: checkPosts,
  feeds: checkFeeds,
  engagement: checkEngagement,
  links: checkLinks,
  reviews: checkReviews,
  merchants: checkMerchants,
  'orders shown': checkShownOrders,
  outboxes: checkOutboxes,
  parked: checkParked,
  faults: checkFaults,
};

/** Everything that is wrong with a recording, each line with the check that found it. Shares no code with services. */
export const check = (recording: Recording): string[] =>
  Object.entries(CHECKS).flatMap(([name, run]) => run(recording).map((problem) => `${name}: ${problem}`));
