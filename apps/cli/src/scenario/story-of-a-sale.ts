import {
  OrderConfirmed,
  OrderDelivered,
  OrderPaid,
  OrderPlaced,
  OrderReserved,
  OrderShipped,
  RatingChanged,
  ReviewPublished,
  ShareLinkOrdered,
  StockCommitted,
  StockReserved,
} from '#contracts';
import { purchase } from '../checkout.js';
import { DeliverOrder, ShipOrder, WriteReview, type OrderRead } from '../mutations.js';
import { charges } from './accounts.js';
import { MerchantRecord, ProductRating, ProductReviews, ShareLinkCounts } from './scenario-queries.js';
import { cardOf, LAMP_PRICE, LAMPS, type Story } from './story.js';
import type { Shared } from './story-of-a-post.js';

export const CHECKOUT = [OrderPlaced, OrderReserved, OrderPaid, OrderConfirmed, StockReserved, StockCommitted] as const;
const PATH = ['PENDING', 'RESERVED', 'PAID', 'CONFIRMED'];
const FIVE_STARS = { average: 5, count: 1 };

/** Ben buys through Cleo's link, gets the lamp, and reviews it. */
export async function playSale(story: Story, shared: Shared): Promise<void> {
  const order = await buyThroughLink(story, shared.code);
  const lineId = await fulfil(story, order);
  await review(story, shared, lineId);
  await story.stage.play.step("Cleo's link shows 1 click and 1 order", async (step) => {
    const counts = async () => (await story.cleo.client.ask(ShareLinkCounts, { code: shared.code })).shareLink;
    await step.eventually('clicks and orders', counts, { clicks: 1, orders: 1 });
  });
}

async function buyThroughLink(story: Story, shareCode: string): Promise<OrderRead> {
  const { stage, ben, lamp } = story;
  const orders: OrderRead[] = [];
  await stage.play.step('Ben buys the lamp through the link, and who watches it sees one less', async (step) => {
    await step.eventually('what the subscription told at first', () => story.told(), [LAMPS]);
    const lines = [{ variantId: lamp.variantId, quantity: 1 }];
    const order = await purchase(ben.client, { key: stage.key('ben'), lines, buyer: 'Ben', shareCode });
    orders.push(order);
    step.say(`order ${order.number}: ${order.history.map(({ state }) => state).join(' → ')}`);
    step.check(
      'the way of the order',
      order.history.map(({ state }) => state),
      PATH,
    );
    await step.eventually('what the subscription told', () => story.told(), [LAMPS, LAMPS - 1]);
    step.check('available now', await story.available(), LAMPS - 1);
    step.say(`variantUpdated told, without being asked: ${story.told().join(', ')} available`);
    const booked = await stage.books.of(order.id);
    step.check("the provider's books", booked.map(charges), [{ captures: 1, refunds: 0 }]);
    step.check('what was charged', booked[0]?.captured.amountMinor, LAMP_PRICE.amountMinor);
    step.causes(...CHECKOUT, ShareLinkOrdered);
  });
  const [order] = orders;
  if (!order) throw new RangeError('there is no order');
  return order;
}

/** The line that can be reviewed then. */
async function fulfil({ stage, ana }: Story, { id }: OrderRead): Promise<string> {
  let lineId = '';
  await stage.play.step('Ana ships and delivers', async (step) => {
    const input = { clientMutationKey: stage.key('ship'), id, trackingCode: 'GV-1' };
    step.check('after shipping', (await ana.client.mutate(ShipOrder, input)).state, 'SHIPPED');
    const delivered = await ana.client.mutate(DeliverOrder, { clientMutationKey: stage.key('deliver'), id });
    step.check('after delivering', delivered.state, 'DELIVERED');
    lineId = delivered.lines[0]?.id ?? '';
    step.causes(OrderShipped, OrderDelivered);
  });
  return lineId;
}

async function review(story: Story, { post }: Shared, orderLineId: string): Promise<void> {
  const { stage, ana, ben, cleo, lamp } = story;
  await stage.play.step('Ben reviews with 5 stars: product, record and feed show it', async (step) => {
    const text = 'Bright, and it stays where you leave it.';
    await ben.client.mutate(WriteReview, { clientMutationKey: stage.key('review'), orderLineId, stars: 5, text });
    const id = lamp.productId;
    const rating = async () => (await ana.client.ask(ProductRating, { id })).product?.rating;
    await step.eventually('the rating', rating, { ...FIVE_STARS, distribution: [0, 0, 0, 0, 1] });
    const reviews = async () => (await ana.client.ask(ProductReviews, { id })).product?.reviews?.nodes;
    const author = { handle: ben.handle };
    await step.eventually('the reviews', reviews, [{ stars: 5, text, verifiedPurchase: true, author }]);
    const record = async () => (await ana.client.ask(MerchantRecord, { id: lamp.merchantId })).merchant?.record;
    const expected = { ordersDelivered: 1, ordersCancelledByMerchant: 0, reviewCount: 1, averageStars: 5 };
    await step.eventually("Ana's record", record, expected);
    await step.eventually("the card in Ben's feed", () => story.card(), cardOf(post, cleo, LAMPS - 1, FIVE_STARS));
    step.say('5.0 stars of 1 review on the product, in the record and on the card');
    step.causes(ReviewPublished, RatingChanged);
  });
}
