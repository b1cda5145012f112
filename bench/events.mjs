// npm run bench:events: how many checkouts one process takes (open loop) beside the bare writes of a checkout on the same
// database in the same run, and how long events take at half of that. Ends within 3 minutes.
import { setTimeout as pause } from 'node:timers/promises';
import { Floor } from './support/floor.mjs';
import { goal, histogramOf, ms, percentile, quantile, row } from './support/figures.mjs';
import { Product } from './support/product.mjs';
import { Sales } from './support/sales.mjs';
import { Shop } from './support/shop.mjs';

const BUYERS = 160;
const VARIANTS = 200;
const LANES = [8, 32];
const WARM_UP = { lanes: 24, seconds: 12 };
const STEP_SECONDS = 6;
const FIRST_STEP = 0.6;
const STEP = 1.12;
const HALF_SECONDS = 15;
const SETTLE_MS = 10_000;
const FLOOR_SECONDS = 4;
/** Holds that have ended are forgotten after 10 s. */
const TIDY_MS = 12_000;

/** Buyers who each wait for their sale before they buy again: warms the code up, and tells where to look. */
async function closedLoop(shop, sales, { lanes, seconds }) {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let half;
  const lane = async () => {
    while (performance.now() < endMs) {
      await sales.of(await shop.checkOut());
      if (performance.now() > startMs + seconds * 500) half ??= { count: sales.count, atMs: performance.now() };
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return ((sales.count - half.count) * 1000) / (performance.now() - half.atMs);
}

/** Arrivals at a fixed rate, whatever becomes of them. */
async function openLoop(shop, sales, perSecond, seconds) {
  const before = sales.count;
  const startMs = performance.now();
  const arrivals = Math.round(perSecond * seconds);
  const orders = [];
  for (let arrived = 0; arrived < arrivals;) {
    const due = Math.min(arrivals, Math.floor(((performance.now() - startMs) * perSecond) / 1000) + 1);
    for (; arrived < due; arrived += 1) {
      const arrivedMs = performance.now();
      orders.push(shop.checkOut().then((id) => ({ id, arrivedMs })));
    }
    await pause(5);
  }
  await pause(Math.max(0, startMs + seconds * 1000 - performance.now()));
  const open = arrivals - (sales.count - before);
  const placed = await Promise.all(orders);
  const settled = await sales.reach(before + arrivals, SETTLE_MS);
  const took = placed
    .map(({ id, arrivedMs }) => (sales.confirmedAt.get(id) ?? Infinity) - arrivedMs)
    .toSorted((a, b) => a - b);
  // By Little's law: more than a second's arrivals under way means that they take more than a second, and rising.
  return {
    open,
    keptUp: open <= perSecond && settled,
    settled,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
  };
}

async function saturation(shop, sales, estimate) {
  let kept = 0;
  for (let rate = estimate * FIRST_STEP; ; rate *= STEP) {
    const { open, keptUp, settled, p50, p99 } = await openLoop(shop, sales, rate, STEP_SECONDS);
    const verdict = `${keptUp ? 'keeps up' : 'falls behind'}: ${open} open at the end`;
    row(`  ${rate.toFixed(1)} arrivals/s`, `${verdict}; order to sale p50 ${ms(p50)}, p99 ${ms(p99)}`);
    if (keptUp) kept = rate;
    else if (!settled) await sales.reach(Infinity, SETTLE_MS);
    if (!keptUp) return kept;
  }
}

const ACKNOWLEDGED = { metric: 'grapevine_outbox_to_broker_seconds', label: 'service', goalMs: 100 };
const HANDLED = { metric: 'grapevine_event_to_handled_seconds', label: 'group', goalMs: 500 };
const SERVICES = ['order', 'catalog'];
const GROUPS = ['order.catalog', 'order.checkout', 'catalog.stock', 'social-feed.share-links'];

/** What a histogram of the process counted between two looks at it. */
function printLatencies({ metric, label, goalMs }, values, before, after) {
  for (const value of values) {
    const matching = `${label}="${value}"`;
    const histogram = histogramOf(after, metric, matching, histogramOf(before, metric, matching));
    const [p50, p99] = [0.5, 0.99].map((share) => quantile(histogram, share) * 1000);
    const events = `${histogram.get(Infinity)} events`;
    row(`  ${value}`, `p50 ${ms(p50)}, p99 ${ms(p99)} of ${events}${goal(`p99 < ${goalMs} ms`, p99 < goalMs)}`);
  }
}

/** All that a checkout writes, what is tidied up after it among it. */
async function recordCheckout(product, shop, sales) {
  let orderId = '';
  const recorded = await product.recordWrites(async () => {
    orderId = await shop.checkOut();
    await sales.of(orderId);
    await pause(TIDY_MS);
  });
  return { orderId, recorded };
}

async function measureFloor(product, checkout) {
  const floor = await Floor.prepare(product.mongodbUri, checkout, Math.max(...LANES));
  console.log(`one checkout makes ${floor.writes} writes: ${floor.summary}`);
  const rates = [];
  for (const lanes of LANES) rates.push(await floor.run(lanes, FLOOR_SECONDS));
  await floor.close();
  const each = LANES.map((lanes, index) => `${lanes} at once: ${rates[index].toFixed(1)}`).join(', ');
  row('the same writes by the bare driver', `${Math.max(...rates).toFixed(1)} checkouts/s (${each})`);
  return Math.max(...rates);
}

async function measureLatencies(product, shop, sales, perSecond) {
  const before = await product.metrics();
  const { p50, p99 } = await openLoop(shop, sales, perSecond, HALF_SECONDS);
  await pause(500);
  const after = await product.metrics();
  console.log(`at half of that, ${perSecond.toFixed(1)} arrivals/s for ${HALF_SECONDS} s`);
  row('  order to sale', `p50 ${ms(p50)}, p99 ${ms(p99)}`);
  console.log(`commit to broker acknowledgement: ${ACKNOWLEDGED.metric}, by service`);
  printLatencies(ACKNOWLEDGED, SERVICES, before, after);
  console.log(`commit to projection: ${HANDLED.metric} (from ce_time to the end of the handler), by group`);
  printLatencies(HANDLED, GROUPS, before, after);
}

/** SIGTERM while orders are being placed, at half of the saturation. */
async function measureDrain(product, shop, perSecond) {
  const over = new AbortController();
  const arrive = async () => {
    for (; !over.signal.aborted; await pause(1000 / perSecond)) void shop.checkOut().catch(() => undefined);
  };
  const arriving = arrive();
  await pause(2_000);
  const { status, tookMs } = await product.interrupt();
  over.abort();
  await arriving;
  row('SIGTERM under that load', `ends with status ${status} after ${ms(tookMs)}${goal('<= 30 s', tookMs <= 30_000)}`);
}

async function main(product) {
  const sales = await Sales.follow(product.brokers);
  const shop = await Shop.open(product.url, { buyers: BUYERS, variants: VARIANTS });
  const checkout = await recordCheckout(product, shop, sales);
  const estimate = await closedLoop(shop, sales, WARM_UP);
  const bare = await measureFloor(product, checkout);
  console.log('arrivals at a fixed rate, each a cart filled and an order placed through GraphQL');
  const kept = await saturation(shop, sales, estimate);
  row('checkout saturates at', `${kept.toFixed(1)} orders/s, ratio to the bare writes ${(kept / bare).toFixed(2)}`);
  await measureLatencies(product, shop, sales, kept / 2);
  await sales.close();
  await measureDrain(product, shop, kept / 2);
  shop.close();
}

const product = await Product.start({ execArgv: process.argv.slice(2) });
try {
  await main(product);
} finally {
  await product.stop();
}
