import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../api-client.js';
import {
  AddToCart,
  CancelOrder,
  DeliverOrder,
  PlaceOrder,
  ReplyToReview,
  ShipOrder,
  WriteReview,
  type OrderRead,
} from '../mutations.js';
import { OrderById } from '../queries.js';
import { LAST_REPLY, ORDERS, PEOPLE, type DemoOrder } from './content.js';
import type { Article, Goods } from './shops.js';
import type { Shares } from './social.js';
import { atOnce, keyOf, named, type Cast } from './stage.js';

const WAIT_MS = 10_000;
const CONFIRMED_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 200;
/** On a machine that is busy for half a minute an order may miss its deadline. */
const ATTEMPTS = 3;

/** Ids of reviews, by order. */
export type Reviews = ReadonlyMap<string, string>;

/** Plays the orders: each buyer's one after the other, since a buyer has one cart for each shop; buyers at once. */
export async function buy(cast: Cast, goods: Goods, shares: Shares): Promise<Reviews> {
  const reviews = new Map<string, string>();
  const buyers = [...new Set(ORDERS.map(({ buyer }) => buyer))];
  await atOnce(buyers, async (buyer) => {
    const placed: Promise<void>[] = [];
    for (const order of ORDERS.filter((order) => order.buyer === buyer)) {
      const article = named(goods, order.product);
      const confirmed = await placeUntilConfirmed(order, cast, article, shares);
      placed.push(fulfil(order, confirmed, cast, article, reviews));
    }
    await Promise.all(placed);
  });
  return reviews;
}

/** Whoever sees this reply knows that everything else is there. */
export async function replyLast(cast: Cast, goods: Goods, reviews: Reviews): Promise<void> {
  const { order, text } = LAST_REPLY;
  const product = ORDERS.find(({ key }) => key === order)?.product ?? '';
  const { client } = named(cast, named(goods, product).owner);
  await client.mutate(ReplyToReview, {
    clientMutationKey: keyOf('reply', order),
    reviewId: named(reviews, order),
    text,
  });
}

async function placeUntilConfirmed(order: DemoOrder, cast: Cast, article: Article, shares: Shares): Promise<OrderRead> {
  const { client } = named(cast, order.buyer);
  for (let attempt = 1; ; attempt++) {
    const placed = await place(order, attempt, client, article, order.through && named(shares, order.through));
    const settled = await untilSettled(placed, client);
    if (settled.history.some(({ state }) => state === 'CONFIRMED')) return settled;
    if (attempt === ATTEMPTS) throw new Error(`${order.key} is ${settled.state} (${settled.cancellation?.code})`);
  }
}

async function place(
  { key, buyer, variant = 0, quantity = 1 }: DemoOrder,
  attempt: number,
  client: ApiClient,
  article: Article,
  shareCode: string | undefined,
): Promise<OrderRead> {
  const variantId = article.variantIds[variant];
  const clientMutationKey = keyOf('order', key, String(attempt));
  const { id: cartId } = await client.mutate(AddToCart, { clientMutationKey, variantId, quantity });
  return client.mutate(PlaceOrder, {
    clientMutationKey,
    cartId,
    shippingAddress: addressOf(buyer),
    paymentToken: 'tok_approve',
    shareCode,
    waitFor: 'CONFIRMED',
    waitMs: WAIT_MS,
  });
}

/** An answer that is repeated for its key shows the order as it was then, so it is looked at again. */
async function untilSettled(placed: OrderRead, client: ApiClient): Promise<OrderRead> {
  let order = placed;
  for (const untilMs = Date.now() + CONFIRMED_WITHIN_MS; Date.now() < untilMs; await pause(LOOK_EVERY_MS)) {
    if (order.state === 'CANCELLED' || order.history.some(({ state }) => state === 'CONFIRMED')) return order;
    order = (await client.ask(OrderById, { id: order.id })).order ?? order;
  }
  return order;
}

async function fulfil(
  { key, buyer, ends, review, reply }: DemoOrder,
  order: OrderRead,
  cast: Cast,
  article: Article,
  reviews: Map<string, string>,
): Promise<void> {
  const { client } = named(cast, buyer);
  const owner = named(cast, article.owner).client;
  const act = (...names: string[]) => ({ clientMutationKey: keyOf(...names, key) });
  if (ends === 'CANCELLED') await client.mutate(CancelOrder, { ...act('cancel'), id: order.id });
  if (ends === 'SHIPPED' || ends === 'DELIVERED') {
    await owner.mutate(ShipOrder, { ...act('ship'), id: order.id, trackingCode: `DEMO-${order.number}` });
  }
  if (ends !== 'DELIVERED') return;
  await owner.mutate(DeliverOrder, { ...act('deliver'), id: order.id });
  if (!review) return;
  const [stars, text] = review;
  const orderLineId = order.lines[0]?.id;
  const { id: reviewId } = await client.mutate(WriteReview, { ...act('review'), orderLineId, stars, text });
  reviews.set(key, reviewId);
  if (reply) await owner.mutate(ReplyToReview, { ...act('reply'), reviewId, text: reply });
}

function addressOf(buyer: string) {
  const name = PEOPLE.find(({ key }) => key === buyer)?.name ?? buyer;
  return { name, line1: 'Example Street 1', city: 'Berlin', postalCode: '10115', country: 'DE' };
}
