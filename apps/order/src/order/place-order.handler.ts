import { Injectable } from '@nestjs/common';
import { idFrom, invalidField, money, multiplyMoney, notFound, sumMoney } from '#contracts';
import type { InputOf, OrderStatus, OutputOf, PlaceOrder } from '#contracts';
import { DuplicateKeyError, type Stored } from '#persistence';
import { Clock, type OperationContext } from '#service-kit';
import { quote, reprice, type Cart, type Quote } from '../cart/cart.js';
import { CartRepository } from '../cart/cart.repository.js';
import { outOfStock, TOO_EXPENSIVE } from '../cart/change-line.handler.js';
import { Offers } from '../catalog/offers.query.js';
import { noPayment } from '../payment/payment.js';
import { CheckoutTimes } from './checkout-times.js';
import { OrderChanges } from './order-changes.js';
import { orderNumber } from './order-number.js';
import { place, type Order } from './order.js';
import { OrderRepository } from './order.repository.js';
import { placedEvent, toOrderView } from './order.view.js';

type Input = InputOf<typeof PlaceOrder>;
type Result = OutputOf<typeof PlaceOrder>;
type Ready = Extract<Quote, { kind: 'ready' }>;

const WAIT_MS = 5_000;
/** What is left of the caller's deadline for the way back. */
const ANSWER_MS = 100;
const ATTEMPTS = 20;

/**
 * Places a cart. The order is stored first, under an id made from the command; then its filling of the cart is ended.
 * A filling becomes one order at most (unique index), so neither a crash between the two nor a second device doubles it.
 */
@Injectable()
export class PlaceOrderHandler {
  constructor(
    private readonly orders: OrderRepository,
    private readonly carts: CartRepository,
    private readonly offers: Offers,
    private readonly changes: OrderChanges,
    private readonly times: CheckoutTimes,
    private readonly clock: Clock,
  ) {}

  async run(input: Input, context: OperationContext): Promise<Result> {
    const id = context.newId('order');
    let mine = context.isFirstRun ? null : await this.orders.find(id);
    let cart: Stored<Cart> | null = null;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (mine) return this.placed(mine, input, context, cart);
      cart = await this.carts.find(input.cartId);
      if (cart?.state.buyerId !== context.accountId) return notFound('Cart', input.cartId);
      const quoted = await this.quote(cart);
      if (quoted.kind !== 'ready') return toUserError(quoted);
      mine = await this.store(id, attempt, cart, quoted, input, context);
    }
    throw new Error(`${id} found no number in ${ATTEMPTS} attempts`);
  }

  private async quote(cart: Stored<Cart>): Promise<Quote> {
    const { lines } = cart.state;
    const offers = lines.length > 0 ? await this.offers.of(lines.map(({ variantId }) => variantId)) : new Map();
    const quoted = quote(cart.state, offers);
    if (quoted.kind === 'price-changed') {
      await this.carts.mutate(cart.id, (current) => ({ state: reprice(current, offers, this.clock.now()) }));
    }
    return quoted;
  }

  /** The order as it is stored; null when something is in its way, and `run` is to look again at what is there. */
  private async store(
    id: string,
    attempt: number,
    cart: Stored<Cart>,
    quoted: Ready,
    input: Input,
    context: OperationContext,
  ): Promise<Stored<Order> | null> {
    const at = this.clock.now();
    const number = orderNumber(id, attempt);
    const order = place(draft(id, number, cart, quoted, input, context), at, this.times.policy);
    try {
      const { commandId } = context;
      return (await this.orders.insert(id, order, [placedEvent(id, order)], { commandId })).stored;
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
      // Another device was faster: its order ends this filling of the cart. Otherwise the number was taken.
      const other = await this.orders.ofCart(cart.id, cart.state.generation);
      if (other) await this.carts.takeOut(other.state, at);
      return this.orders.find(id);
    }
  }

  private async placed(
    stored: Stored<Order>,
    input: Input,
    context: OperationContext,
    cart: Stored<Cart> | null,
  ): Promise<Result> {
    await this.carts.takeOut(stored.state, this.clock.now(), cart);
    const { waitFor, waitMs } = input;
    if (!waitFor) return toResult(stored);
    const untilMs = Math.min(Date.now() + (waitMs ?? WAIT_MS), context.deadlineAt.getTime() - ANSWER_MS);
    return toResult((await this.changes.waitFor(stored.id, hasReached(waitFor), untilMs)) ?? stored);
  }
}

const toResult = ({ id, state }: Stored<Order>): Result => ({ __typename: 'Order', ...toOrderView(id, state) });

/** States that are passed on the way, so that one that was passed quickly counts as reached. */
const hasReached =
  (state: OrderStatus) =>
  (order: Order): boolean =>
    order.state === 'CANCELLED' || order.history.some((past) => past.state === state);

function draft(
  id: string,
  number: string,
  cart: Stored<Cart>,
  { lines, subtotal }: Ready,
  input: Input,
  context: OperationContext,
): Parameters<typeof place>[0] {
  const { currency } = subtotal;
  const none = money(0, currency);
  const { merchantId, generation } = cart.state;
  return {
    number,
    merchantId,
    buyerId: context.accountId,
    buyerProfileId: context.profileId,
    cartId: cart.id,
    cartGeneration: generation,
    lines: lines.map(({ variantId, productId, title, quantity, quotedPrice }) => ({
      id: idFrom('line', context.at, `${id} ${variantId}`),
      variantId,
      productId,
      title,
      quantity,
      unitPrice: quotedPrice,
      lineTotal: multiplyMoney(quotedPrice, quantity),
      stockVersion: 0,
    })),
    subtotal,
    shipping: none,
    tax: none,
    total: sumMoney([subtotal, none, none], currency),
    shippingAddress: input.shippingAddress,
    paymentToken: input.paymentToken,
    payment: noPayment(currency),
    ...(input.shareCode ? { shareCode: input.shareCode } : {}),
  };
}

function toUserError(quoted: Exclude<Quote, Ready>): Result {
  switch (quoted.kind) {
    case 'empty':
      return { __typename: 'EmptyCart', code: 'EMPTY_CART', message: 'There is nothing in the cart' };
    case 'out-of-stock':
      return outOfStock(quoted.variantId, quoted.requested, quoted.available);
    case 'too-expensive':
      return invalidField('cartId', `has prices that ${TOO_EXPENSIVE}`);
    case 'price-changed': {
      const { kind: _, ...prices } = quoted;
      const message = 'A price has changed; place the order again to accept it';
      return { __typename: 'PriceChanged', code: 'PRICE_CHANGED', message, ...prices };
    }
  }
}
