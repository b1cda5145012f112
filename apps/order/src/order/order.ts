import type { AddressView, CancellationCode, Money, OrderStatus } from '#contracts';
import {
  claim,
  closeIntents,
  doubt,
  hasten,
  isUndone,
  learn,
  nextStep,
  openIntent,
  postpone,
  type Payment,
  type PaymentStep,
  type ProviderTruth,
} from '../payment/payment.js';
import type { CheckoutPolicy } from './order.policy.js';

/** What the catalog said last of a line's pieces. */
export type StockAnswer = 'RESERVED' | 'REJECTED' | 'RELEASED' | 'RESTOCKED';

export interface OrderLine {
  readonly id: string;
  readonly variantId: string;
  readonly productId: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly lineTotal: Money;
  readonly stock?: StockAnswer;
  /** Version of the stock that said it: an earlier one is old news. */
  readonly stockVersion: number;
}

/** The order is its own saga: what is known, by when what must have happened, and which calls are under way. */
export interface Order {
  readonly number: string;
  readonly state: OrderStatus;
  readonly merchantId: string;
  readonly buyerId: string;
  readonly buyerProfileId: string;
  readonly cartId: string;
  /** Each filling of a cart becomes one order at most. */
  readonly cartGeneration: number;
  readonly lines: readonly OrderLine[];
  readonly subtotal: Money;
  readonly shipping: Money;
  readonly tax: Money;
  readonly total: Money;
  readonly shippingAddress: AddressView;
  /** Goes to the provider, and nowhere else: no event, no view, no log. */
  readonly paymentToken: string;
  readonly payment: Payment;
  readonly cancellation?: { readonly code: CancellationCode; readonly at: Date };
  readonly shareCode?: string;
  readonly trackingCode?: string;
  readonly history: readonly { readonly state: OrderStatus; readonly at: Date }[];
  readonly createdAt: Date;
  readonly reserveBy: Date;
  /** The catalog sets the pieces aside until then. */
  readonly reserveUntil: Date;
  readonly payBy?: Date;
  /** When the saga goes on by itself if nothing happens before; absent when nothing is to be done. */
  readonly nextActionAt?: Date | undefined;
  /** From when on the provider is to be called (again), as soon as there is a place for that; absent when it is not. */
  readonly nextCallAt?: Date | undefined;
}

export type OrderInput =
  | { readonly kind: 'stock'; readonly variantId: string; readonly answer: StockAnswer; readonly version: number }
  | { readonly kind: 'provider'; readonly truth: ProviderTruth; readonly answers?: PaymentStep }
  | { readonly kind: 'unanswered'; readonly step: PaymentStep }
  | { readonly kind: 'clock' }
  | { readonly kind: 'cancel'; readonly by: 'BUYER' | 'MERCHANT' }
  | { readonly kind: 'ship'; readonly trackingCode?: string }
  | { readonly kind: 'deliver' };

/** What a decision is given beside the facts. */
export interface Surroundings {
  readonly policy: CheckoutPolicy;
  /** Takes a place among the calls to the provider, if one is free. Asked only when a call is due. */
  readonly takePlace: () => boolean;
  /** From 0 to 1: see `postpone`. */
  readonly spread: number;
}

export interface Decided {
  readonly order: Order;
  /** The states it went through, in order. */
  readonly entered: readonly OrderStatus[];
  /** The payment changed while the state did not. */
  readonly paymentChanged: boolean;
  /** The order can't do that in its present state. */
  readonly refused: boolean;
  /** The call to the provider that whoever stores this makes next. */
  readonly call?: PaymentStep;
}

const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const enter = (order: Order, state: OrderStatus, at: Date): Order => ({
  ...order,
  state,
  history: [...order.history, { state, at }],
});

/** A new order, waiting for its pieces. */
export function place(
  draft: Omit<Order, 'state' | 'history' | 'createdAt' | 'reserveBy' | 'reserveUntil' | 'nextActionAt' | 'nextCallAt'>,
  at: Date,
  policy: CheckoutPolicy,
): Order {
  const reserveBy = after(at, policy.reserveMs);
  const reserveUntil = after(reserveBy, policy.payMs + policy.slackMs);
  const order: Order = { ...draft, state: 'PENDING', history: [], createdAt: at, reserveBy, reserveUntil };
  return { ...enter(order, 'PENDING', at), nextActionAt: reserveBy };
}

/**
 * What an input leads to. Facts are taken in so that neither order nor repetition matters, then the saga goes on as far
 * as what is known allows: the same facts lead to the same state whichever way they came.
 */
export function decide(before: Order, input: OrderInput, at: Date, surroundings: Surroundings): Decided {
  const { policy } = surroundings;
  const told = takeIn(before, input, at, surroundings);
  if (told === undefined) return { order: before, entered: [], paymentChanged: false, refused: true };
  let order = told;
  for (let next = advance(order, at, policy); next; next = advance(order, at, policy)) order = next;
  if (order === before && input.kind !== 'clock') {
    return { order, entered: [], paymentChanged: false, refused: false };
  }
  const { payment, step } = claim(order.payment, at, after(at, policy.graceMs), surroundings.takePlace);
  const entered = order.history.slice(before.history.length).map(({ state }) => state);
  return {
    order: scheduled(withPayment(order, payment), at, policy),
    entered,
    paymentChanged: entered.length === 0 && payment.state !== before.payment.state,
    refused: false,
    ...(step ? { call: step } : {}),
  };
}

// ---- facts

/** Undefined: refused. */
function takeIn(order: Order, input: OrderInput, at: Date, surroundings: Surroundings): Order | undefined {
  switch (input.kind) {
    case 'stock':
      return withStock(order, input);
    case 'provider':
      return withTruth(order, input.truth, input.answers, at, surroundings);
    case 'unanswered': {
      const doubted = doubt(order.payment, input.step);
      return withPayment(order, postpone(doubted, input.step, at, surroundings.policy.retry, surroundings.spread));
    }
    case 'clock':
      return order;
    case 'cancel':
      return CANCELLABLE.has(order.state) ? cancelling(order, input.by, at) : undefined;
    case 'ship':
      if (order.state !== 'CONFIRMED') return undefined;
      return { ...enter(order, 'SHIPPED', at), ...(input.trackingCode ? { trackingCode: input.trackingCode } : {}) };
    case 'deliver':
      return order.state === 'SHIPPED' ? enter(order, 'DELIVERED', at) : undefined;
  }
}

const CANCELLABLE: ReadonlySet<OrderStatus> = new Set<OrderStatus>(['PENDING', 'RESERVED', 'PAID', 'CONFIRMED']);

const withPayment = (order: Order, payment: Payment): Order =>
  payment === order.payment ? order : { ...order, payment };

function withStock(order: Order, { variantId, answer, version }: Extract<OrderInput, { kind: 'stock' }>): Order {
  const isNews = (line: OrderLine) => line.variantId === variantId && line.stockVersion < version;
  if (!order.lines.some(isNews)) return order;
  const lines = order.lines.map((line) => (isNews(line) ? { ...line, stock: answer, stockVersion: version } : line));
  return { ...order, lines };
}

function withTruth(
  order: Order,
  truth: ProviderTruth,
  answered: PaymentStep | undefined,
  at: Date,
  { policy, spread }: Surroundings,
): Order {
  // Another sum than the order's is not its payment, whoever says so.
  const isOurs = truth.amount.amountMinor === order.total.amountMinor && truth.amount.currency === order.total.currency;
  const learnt = isOurs ? learn(order.payment, truth) : order.payment;
  if (answered !== undefined) return withPayment(order, postpone(learnt, answered, at, policy.retry, spread));
  // A word of the provider's own accord: what had to wait for it need not wait longer.
  const step = learnt === order.payment || truth.state === 'PENDING' ? undefined : nextStep(learnt);
  return withPayment(order, step ? hasten(learnt, step, at) : learnt);
}

// ---- the saga

/** One step, or undefined when nothing is to be done on what is known. */
function advance(order: Order, at: Date, policy: CheckoutPolicy): Order | undefined {
  switch (order.state) {
    case 'PENDING':
      return advancePending(order, at, policy);
    case 'RESERVED':
      return advanceReserved(order, at, policy);
    case 'PAID':
      return advancePaid(order, at, policy);
    case 'CONFIRMED':
      // Rare: the catalog heard of the sale only after the reservation had ended, and the pieces are gone.
      return hasLost(order) ? cancelling(order, 'OUT_OF_STOCK', at) : undefined;
    case 'CANCELLING':
      return advanceCancelling(order, at);
    case 'SHIPPED':
    case 'DELIVERED':
    case 'CANCELLED':
      return undefined;
  }
}

const isGivenBack = ({ stock }: OrderLine): boolean =>
  stock === 'REJECTED' || stock === 'RELEASED' || stock === 'RESTOCKED';
const hasLost = (order: Order): boolean => order.lines.some(isGivenBack);
/** From then on the reservation is too short to capture money on it. */
const captureUntil = (order: Order, policy: CheckoutPolicy): Date => after(order.reserveUntil, -policy.captureMarginMs);

function advancePending(order: Order, at: Date, policy: CheckoutPolicy): Order | undefined {
  if (hasLost(order) || at >= order.reserveBy) return cancelling(order, 'OUT_OF_STOCK', at);
  if (order.lines.some(({ stock }) => stock !== 'RESERVED')) return undefined;
  const payBy = after(at, policy.payMs);
  return {
    ...enter(order, 'RESERVED', at),
    payBy,
    payment: openIntent(order.payment, 'authorize', at),
  };
}

function advanceReserved(order: Order, at: Date, policy: CheckoutPolicy): Order | undefined {
  const { known } = order.payment;
  if (known === 'DECLINED') return cancelling(order, 'PAYMENT_DECLINED', at);
  const isOver = at >= (order.payBy ?? order.reserveUntil) || at >= captureUntil(order, policy);
  const isGone = known === 'VOIDED' || known === 'EXPIRED';
  if (isOver || isGone || hasLost(order)) return cancelling(order, 'PAYMENT_TIMEOUT', at);
  if (known !== 'AUTHORIZED') return undefined;
  const authorised = closeIntents(order.payment, 'authorize');
  return {
    ...enter(order, 'PAID', at),
    payment: openIntent(authorised, 'capture', at),
  };
}

function advancePaid(order: Order, at: Date, policy: CheckoutPolicy): Order | undefined {
  const { known } = order.payment;
  const isOver = at >= captureUntil(order, policy);
  const isGone = known === 'VOIDED' || known === 'EXPIRED';
  if (isOver || isGone || hasLost(order)) return cancelling(order, 'PAYMENT_TIMEOUT', at);
  if (known !== 'CAPTURED') return undefined;
  return { ...enter(order, 'CONFIRMED', at), payment: closeIntents(order.payment, 'capture') };
}

/** From here on nothing is taken any more; what was taken, or may have been, is given back. */
function cancelling(order: Order, code: CancellationCode, at: Date): Order {
  const closed = closeIntents(order.payment, 'authorize', 'capture');
  return {
    ...enter(order, 'CANCELLING', at),
    cancellation: { code, at },
    payment: isUndone(closed) ? closed : undo(closed, at),
  };
}

/** Captured money is refunded. Otherwise a void is asked for: the answer shows it if a capture was faster. */
const undo = (payment: Payment, at: Date): Payment =>
  payment.known === 'CAPTURED'
    ? openIntent(closeIntents(payment, 'void'), 'refund', at)
    : openIntent(payment, 'void', at);

function advanceCancelling(order: Order, at: Date): Order | undefined {
  if (!isUndone(order.payment)) {
    const payment = undo(order.payment, at);
    return payment === order.payment ? undefined : { ...order, payment };
  }
  const payment = closeIntents(order.payment, 'void', 'refund');
  if (!order.lines.every(isGivenBack)) return payment === order.payment ? undefined : { ...order, payment };
  return { ...enter(order, 'CANCELLED', at), payment };
}

/** With the next moments at which time alone changes something, and at which the provider is to be called. */
function scheduled(order: Order, at: Date, policy: CheckoutPolicy): Order {
  const step = nextStep(order.payment);
  const nextCallAt = step && order.payment.intents[step]?.retryAt;
  return { ...order, nextActionAt: deadlineOf(order, at, policy), nextCallAt };
}

function deadlineOf(order: Order, at: Date, policy: CheckoutPolicy): Date | undefined {
  switch (order.state) {
    case 'PENDING':
      return order.reserveBy;
    case 'RESERVED':
      return new Date(Math.min((order.payBy ?? order.reserveUntil).getTime(), captureUntil(order, policy).getTime()));
    case 'PAID':
      return captureUntil(order, policy);
    case 'CANCELLING':
      return after(at, policy.watchMs);
    default:
      return undefined;
  }
}
