import {
  event,
  OrderCancelled,
  OrderCancelling,
  OrderConfirmed,
  OrderDelivered,
  OrderPaid,
  OrderPaymentChanged,
  OrderPlaced,
  OrderReserved,
  OrderShipped,
  type NewEvent,
  type OrderLineView,
  type OrderSnapshot,
  type OrderStatus,
  type OrderView,
} from '#contracts';
import type { Decided, Order } from './order.js';

const toLines = (order: Order): OrderLineView[] =>
  order.lines.map(({ id, variantId, productId, title, quantity, unitPrice, lineTotal }) => ({
    id,
    variantId,
    productId,
    title,
    quantity,
    unitPrice,
    lineTotal,
  }));

const toPayment = ({ payment: { state, captured, refunded } }: Order) => ({ state, captured, refunded });

const toShared = (order: Order) => ({
  number: order.number,
  merchantId: order.merchantId,
  buyerProfileId: order.buyerProfileId,
  lines: toLines(order),
  subtotal: order.subtotal,
  shipping: order.shipping,
  tax: order.tax,
  total: order.total,
  payment: toPayment(order),
  shareCode: order.shareCode ?? null,
  trackingCode: order.trackingCode ?? null,
});

/** As the buyer and the merchant's staff see it. */
export const toOrderView = (id: string, order: Order): OrderView => ({
  ...toShared(order),
  id,
  state: order.state,
  shippingAddress: order.shippingAddress,
  cancellation: order.cancellation ? { code: order.cancellation.code, at: order.cancellation.at.toISOString() } : null,
  history: order.history.map(({ state, at }) => ({ state, at: at.toISOString() })),
  createdAt: order.createdAt.toISOString(),
});

/** As every event carries it: neither address nor payment token. */
const toSnapshot = (orderId: string, order: Order, state: OrderStatus): OrderSnapshot => ({
  ...toShared(order),
  orderId,
  state,
  buyerId: order.buyerId,
  cancellationCode: order.cancellation?.code ?? null,
});

export const placedEvent = (id: string, order: Order): NewEvent =>
  event(OrderPlaced, { ...toSnapshot(id, order, order.state), reserveUntil: order.reserveUntil.toISOString() });

const CONTRACTS = {
  PAID: OrderPaid,
  CONFIRMED: OrderConfirmed,
  SHIPPED: OrderShipped,
  DELIVERED: OrderDelivered,
  CANCELLING: OrderCancelling,
  CANCELLED: OrderCancelled,
} as const;

/** What a decision is told as. */
export function eventsOf(id: string, { order, entered, paymentChanged }: Decided): NewEvent[] {
  if (paymentChanged) return [event(OrderPaymentChanged, toSnapshot(id, order, order.state))];
  return entered.map((state) => {
    const snapshot = toSnapshot(id, order, state);
    if (state === 'PENDING') return placedEvent(id, order);
    if (state === 'RESERVED') {
      const payBy = (order.payBy ?? order.reserveUntil).toISOString();
      return event(OrderReserved, { ...snapshot, payBy });
    }
    return event(CONTRACTS[state], snapshot);
  });
}
