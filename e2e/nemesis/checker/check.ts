import { checkConsumers } from './consumers.js';
import { checkAcknowledged, checkOutboxes, checkParked, checkRatings } from './effects.js';
import { checkFaults } from './faults.js';
import { checkMoney, checkOrders, checkSales } from './orders.js';
import type { Check, Recording } from './recording.js';
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
  ratings: checkRatings,
  outboxes: checkOutboxes,
  parked: checkParked,
  faults: checkFaults,
};

/** Everything that is wrong with a recording, each line with the check that found it. Shares no code with services. */
export const check = (recording: Recording): string[] =>
  Object.entries(CHECKS).flatMap(([name, run]) => run(recording).map((problem) => `${name}: ${problem}`));
