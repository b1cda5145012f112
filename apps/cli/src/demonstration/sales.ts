import { isConfirmed, purchase } from '../checkout.js';
import { CancelOrder, DeliverOrder, ReplyToReview, ShipOrder, WriteReview, type OrderRead } from '../mutations.js';
import { LAST_REPLY, ORDERS, PEOPLE, type DemoOrder } from './content.js';
import type { Article, Goods } from './shops.js';
import type { Shares } from './social.js';
import { atOnce, keyOf, named, type Cast } from './stage.js';

/** On a machine that is busy for half a minute an order may miss its deadline. */
const ATTEMPTS = 3;

/** Ids of reviews, by order. */
export type Reviews = ReadonlyMap<string, string>;

/** Plays the orders: those from one cart one after the other (a buyer has one for each shop), all others at once. */
export async function buy(cast: Cast, goods: Goods, shares: Shares): Promise<Reviews> {
  const reviews = new Map<string, string>();
  const playAll = async ([order, ...others]: readonly DemoOrder[]): Promise<void> => {
    if (!order) return;
    const article = named(goods, order.product);
    const confirmed = await placeUntilConfirmed(order, cast, article, shares);
    await Promise.all([fulfil(order, confirmed, cast, article, reviews), playAll(others)]);
  };
  const cartOf = ({ buyer, product }: DemoOrder) => `${buyer} ${named(goods, product).owner}`;
  const carts = [...new Set(ORDERS.map(cartOf))];
  await atOnce(carts, (cart) => playAll(ORDERS.filter((order) => cartOf(order) === cart)));
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
  const { key, buyer, variant = 0, quantity = 1, through } = order;
  const variantId = article.variantIds[variant] ?? '';
  for (let attempt = 1; ; attempt++) {
    const ended = await purchase(named(cast, buyer).client, {
      key: keyOf('order', key, String(attempt)),
      lines: [{ variantId, quantity }],
      buyer: PEOPLE.find((person) => person.key === buyer)?.name ?? buyer,
      shareCode: through && (await named(shares, through)),
    });
    if (isConfirmed(ended)) return ended;
    if (attempt === ATTEMPTS) throw new Error(`${key} is ${ended.state} (${ended.cancellation?.code})`);
  }
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
