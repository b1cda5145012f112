import {
  OrderCancelled,
  OrderCancelling,
  OrderConfirmed,
  OrderDelivered,
  OrderPaid,
  OrderPlaced,
  OrderReserved,
  OrderShipped,
  ReviewPublished,
  StockCommitted,
  StockReserved,
  StockRestocked,
} from '#contracts';
import { isConfirmed, purchase, until } from '../checkout.js';
import { CancelOrder, DeliverOrder, ShipOrder, WriteReview, type OrderRead } from '../mutations.js';
import { inParallel } from '../parallel.js';
import { startProgress } from '../progress.js';
import type { PlannedOrder } from './order-plan.js';
import type { Step } from './play.js';
import type { Shop } from './shops.js';
import type { Person, Stage } from './stage.js';

export interface PlayedOrder {
  readonly planned: PlannedOrder;
  readonly order: OrderRead;
}

const BUYERS_AT_ONCE = 8;
const isCancelled = ({ ending }: PlannedOrder): boolean => ending.startsWith('CANCELLED');
const isShipped = ({ ending }: PlannedOrder): boolean => ending === 'SHIPPED' || ending === 'DELIVERED';
const isDelivered = ({ ending }: PlannedOrder): boolean => ending === 'DELIVERED';
/** What can be reviewed is what was delivered. */
export const isReviewed = (planned: PlannedOrder): boolean => isDelivered(planned) && planned.stars !== undefined;

/** Plays the orders to their ends: each buyer's one after the other, several buyers at once. */
export async function playOrders(
  stage: Stage,
  plan: readonly PlannedOrder[],
  people: readonly Person[],
  shops: readonly Shop[],
): Promise<readonly PlayedOrder[]> {
  const played: PlayedOrder[] = [];
  await stage.play.step(`${plan.length} orders are placed, shipped, delivered and reviewed`, async (step) => {
    const progress = startProgress('orders', plan.length);
    const buyers = [...new Set(plan.map(({ buyer }) => buyer))];
    await inParallel(buyers, BUYERS_AT_ONCE, async (buyer) => {
      for (const [index, planned] of plan.entries()) {
        const person = people[buyer];
        const shop = shops[planned.shop];
        if (planned.buyer !== buyer || !person || !shop) continue;
        played[index] = { planned, order: await playOrder(stage, step, planned, index, person, shop) };
        progress.step();
      }
    }).finally(() => progress.stop());
    step.say(summary(plan));
    expectEvents(step, plan);
  });
  return played;
}

async function playOrder(
  stage: Stage,
  step: Step,
  planned: PlannedOrder,
  index: number,
  { client, name }: Person,
  { owner }: Shop,
): Promise<OrderRead> {
  const key = stage.key('order', index);
  const order = await purchase(client, { key, lines: planned.lines, buyer: name });
  if (!isConfirmed(order)) {
    step.fail(`order ${order.number} is ${order.state} (${order.cancellation?.code}) instead of CONFIRMED`);
    return order;
  }
  const { id } = order;
  if (isCancelled(planned)) {
    const by = planned.ending === 'CANCELLED_BY_BUYER' ? client : owner.client;
    const cancelling = await by.mutate(CancelOrder, { clientMutationKey: `${key}:cancel`, id });
    return until(client, cancelling, ({ state }) => state === 'CANCELLED');
  }
  if (!isShipped(planned)) return order;
  const shipped = await owner.client.mutate(ShipOrder, { clientMutationKey: `${key}:ship`, id });
  if (!isDelivered(planned)) return shipped;
  const delivered = await owner.client.mutate(DeliverOrder, { clientMutationKey: `${key}:deliver`, id });
  if (planned.stars === undefined) return delivered;
  for (const { id: orderLineId } of delivered.lines) {
    const clientMutationKey = `${key}:review:${orderLineId}`;
    await client.mutate(WriteReview, { clientMutationKey, orderLineId, stars: planned.stars });
  }
  return delivered;
}

const count = (plan: readonly PlannedOrder[], isSo: (planned: PlannedOrder) => boolean): number =>
  plan.filter(isSo).length;
const linesOf = (plan: readonly PlannedOrder[]): number => plan.reduce((sum, { lines }) => sum + lines.length, 0);

const summary = (plan: readonly PlannedOrder[]): string =>
  `${count(plan, isDelivered)} delivered, ${count(plan, ({ ending }) => ending === 'SHIPPED')} shipped, ` +
  `${count(plan, isCancelled)} cancelled, ${linesOf(plan.filter(isReviewed))} reviews`;

function expectEvents(step: Step, plan: readonly PlannedOrder[]): void {
  for (const contract of [OrderPlaced, OrderReserved, OrderPaid, OrderConfirmed]) step.causes([contract, plan.length]);
  for (const contract of [OrderCancelling, OrderCancelled]) step.causes([contract, count(plan, isCancelled)]);
  for (const contract of [StockReserved, StockCommitted]) step.causes([contract, linesOf(plan)]);
  step.causes([OrderShipped, count(plan, isShipped)], [OrderDelivered, count(plan, isDelivered)]);
  step.causes([StockRestocked, linesOf(plan.filter(isCancelled))]);
  step.causes([ReviewPublished, linesOf(plan.filter(isReviewed))]);
}
