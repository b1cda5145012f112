import {
  AccountCreated,
  OrderCancelled,
  OrderCancelling,
  OrderPlaced,
  OrderReserved,
  ProfileCreated,
  StockReleased,
  StockReserved,
  StockRestocked,
} from '#contracts';
import { fillCart, isConfirmed, place, purchase, until } from '../checkout.js';
import { RefusedError } from '../api.errors.js';
import { CancelOrder, type OrderRead } from '../mutations.js';
import { charges } from './accounts.js';
import { OwnOrders } from './scenario-queries.js';
import type { Person } from './stage.js';
import type { Story } from './story.js';
import { CHECKOUT } from './story-of-a-sale.js';

/** The lamps run out; one comes back. */
export async function playLastLamps(story: Story): Promise<void> {
  const { stage } = story;
  const cast: Person[] = [];
  let fayCartId = '';
  await stage.play.step('Dan, Eve and Fay come; Fay puts a lamp into her cart', async (step) => {
    for (const name of ['Dan', 'Eve', 'Fay']) cast.push(await stage.enter(name));
    const fay = cast[2];
    if (fay) fayCartId = await fillCart(fay.client, { key: stage.key('fay'), lines: oneLamp(story) });
    step.causes([AccountCreated, cast.length], [ProfileCreated, cast.length]);
  });
  const [dan, eve, fay] = cast;
  if (!dan || !eve || !fay) throw new RangeError('the cast is not complete');
  const danOrder = await takeTheRest(story, dan, eve);
  await tellTheNext(story, fay, fayCartId);
  await cancel(story, dan, danOrder);
  await decline(story, fay, fayCartId);
}

const oneLamp = ({ lamp }: Story) => [{ variantId: lamp.variantId, quantity: 1 }];

async function takeTheRest(story: Story, dan: Person, eve: Person): Promise<OrderRead> {
  const { stage } = story;
  const orders: OrderRead[] = [];
  await stage.play.step('Dan and Eve take the rest', async (step) => {
    for (const { name, client } of [dan, eve]) {
      const order = await purchase(client, { key: stage.key(name), lines: oneLamp(story), buyer: name });
      step.check(`${name}'s order is confirmed`, isConfirmed(order), true);
      step.say(`${name}: order ${order.number} is ${order.state}`);
      orders.push(order);
    }
    await step.eventually('what the subscription told last', () => story.told().at(-1), 0);
    step.check('available now', await story.available(), 0);
    step.causes(...CHECKOUT, ...CHECKOUT);
  });
  const [order] = orders;
  if (!order) throw new RangeError('there is no order');
  return order;
}

async function tellTheNext(story: Story, fay: Person, cartId: string): Promise<void> {
  const { stage } = story;
  await stage.play.step('Fay is told OUT_OF_STOCK, and nothing is charged', async (step) => {
    const before = new Set((await stage.books.all()).map(({ orderId }) => orderId));
    const refusal = await place(fay.client, cartId, { key: stage.key('fay-too-late'), buyer: 'Fay' }).then(
      ({ state }) => state,
      codeOf,
    );
    step.check('what Fay is told', refusal, 'OUT_OF_STOCK');
    step.check("Fay's orders", (await fay.client.ask(OwnOrders)).orders?.nodes, []);
    const added = (await stage.books.all()).filter(({ orderId }) => !before.has(orderId));
    // Others may shop here at the same time: theirs are orders that somebody else placed.
    const placedByOthers = stage.play.ordersOfOthers(fay.accountId);
    step.check(
      'new in the books',
      added.filter(({ orderId }) => !placedByOthers.has(orderId)),
      [],
    );
    step.say("the provider's books show no charge that is hers");
  });
}

async function cancel(story: Story, { client }: Person, { id, number }: OrderRead): Promise<void> {
  const { stage } = story;
  await stage.play.step('Dan cancels before shipping: refunded, and the lamp is back', async (step) => {
    const cancelling = await client.mutate(CancelOrder, { clientMutationKey: stage.key('cancel'), id });
    const order = await until(client, cancelling, ({ state }) => state === 'CANCELLED');
    step.say(`order ${number} is ${order.state} (${order.cancellation?.code}), its payment ${order.payment.state}`);
    step.check('the order', [order.state, order.cancellation?.code], ['CANCELLED', 'BUYER']);
    step.check('its payment', order.payment.state, 'REFUNDED');
    step.check("the provider's books", (await stage.books.of(id)).map(charges), [{ captures: 1, refunds: 1 }]);
    await step.eventually('what the subscription told last', () => story.told().at(-1), 1);
    step.check('available now', await story.available(), 1);
    step.causes(OrderCancelling, OrderCancelled, StockRestocked);
  });
}

async function decline(story: Story, fay: Person, cartId: string): Promise<void> {
  const { stage } = story;
  await stage.play.step("Fay tries again, and her card is declined: the lamp stays Ana's", async (step) => {
    const key = stage.key('fay-declined');
    const placed = await place(fay.client, cartId, { key, buyer: 'Fay', paymentToken: 'tok_decline' });
    const order = await until(fay.client, placed, ({ state }) => state === 'CANCELLED');
    step.say(`order ${order.number} is ${order.state} (${order.cancellation?.code})`);
    step.check('the order', [order.state, order.cancellation?.code], ['CANCELLED', 'PAYMENT_DECLINED']);
    step.check("the provider's books", (await stage.books.of(order.id)).map(charges), [{ captures: 0, refunds: 0 }]);
    await step.eventually('available now', () => story.available(), 1);
    step.causes(OrderPlaced, OrderReserved, OrderCancelling, OrderCancelled, StockReserved, StockReleased);
  });
}

function codeOf(error: unknown): string {
  if (error instanceof RefusedError) return error.code;
  throw error;
}
