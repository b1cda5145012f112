import { z } from 'zod';
import { defineEvent } from './envelope.js';
import { idOf } from './ids.js';
import { Money } from './money.js';
import { CancellationCode, OrderLineView, OrderStatus, PaymentView } from './order.views.js';

const ORDER_TOPIC = 'order.order.v1';

/** The order without address and payment token: every event carries all of it, so that a reader needs no earlier one. */
const OrderSnapshot = z.object({
  orderId: idOf('order'),
  number: z.string(),
  state: OrderStatus,
  merchantId: idOf('merchant'),
  buyerId: idOf('account'),
  buyerProfileId: idOf('profile'),
  lines: z.array(OrderLineView),
  subtotal: Money,
  shipping: Money,
  tax: Money,
  total: Money,
  payment: PaymentView,
  cancellationCode: CancellationCode.nullish(),
  shareCode: z.string().nullish(),
  trackingCode: z.string().nullish(),
});
export type OrderSnapshot = z.infer<typeof OrderSnapshot>;

const eur = (amountMinor: number): Money => ({ amountMinor, currency: 'EUR' });
const example: OrderSnapshot = {
  orderId: 'order_01m84gm0f0f25a4d8x22mf2yaw',
  number: 'A-1001',
  state: 'PENDING',
  merchantId: 'merchant_01m84gm0f0f25a4d8x22mf2yaw',
  buyerId: 'account_01m84gm0f0f25a4d8x22mf2yaw',
  buyerProfileId: 'profile_01m84gm0f0f25a4d8x22mf2yaw',
  lines: [
    {
      id: 'line_01m84gm0f0f25a4d8x22mf2yaw',
      variantId: 'variant_01m84gm0f0f25a4d8x22mf2yaw',
      productId: 'product_01m84gm0f0f25a4d8x22mf2yaw',
      title: 'Desk lamp',
      quantity: 1,
      unitPrice: eur(4900),
      lineTotal: eur(4900),
    },
  ],
  subtotal: eur(4900),
  shipping: eur(0),
  tax: eur(0),
  total: eur(4900),
  payment: { state: 'NONE', captured: eur(0), refunded: eur(0) },
};
const orderEvent = { topic: ORDER_TOPIC, owner: 'order', key: 'orderId' } as const;

export const OrderPlaced = defineEvent({
  ...orderEvent,
  type: 'order.placed',
  description: 'A buyer placed an order; the catalog reserves its pieces until reserveUntil.',
  schema: OrderSnapshot.extend({ reserveUntil: z.iso.datetime() }),
  example: { ...example, reserveUntil: '2026-11-23T12:20:30.000Z' },
});
export const OrderReserved = defineEvent({
  ...orderEvent,
  type: 'order.reserved',
  description: 'All pieces of an order are set aside; it is to be paid by payBy.',
  schema: OrderSnapshot.extend({ payBy: z.iso.datetime() }),
  example: { ...example, state: 'RESERVED', payBy: '2026-11-23T12:15:00.000Z' },
});
export const OrderPaid = defineEvent({
  ...orderEvent,
  type: 'order.paid',
  description: "The payment of an order was authorised: the money is set aside on the buyer's side.",
  schema: OrderSnapshot,
  example: { ...example, state: 'PAID', payment: { ...example.payment, state: 'AUTHORIZED' } },
});
export const OrderConfirmed = defineEvent({
  ...orderEvent,
  type: 'order.confirmed',
  description: 'The payment of an order was captured: it is a sale. From here on it only goes forward, or is refunded.',
  schema: OrderSnapshot,
  example: { ...example, state: 'CONFIRMED', payment: { ...example.payment, state: 'CAPTURED', captured: eur(4900) } },
});
export const OrderShipped = defineEvent({
  ...orderEvent,
  type: 'order.shipped',
  description: 'The merchant handed an order to the carrier.',
  schema: OrderSnapshot,
  example: { ...example, state: 'SHIPPED', trackingCode: 'JD014600003SE' },
});
export const OrderDelivered = defineEvent({
  ...orderEvent,
  type: 'order.delivered',
  description: 'An order reached its buyer, who may review its lines from now on.',
  schema: OrderSnapshot,
  example: { ...example, state: 'DELIVERED' },
});
export const OrderCancelling = defineEvent({
  ...orderEvent,
  type: 'order.cancelling',
  description: 'An order will not be fulfilled: what was set aside, sold or charged for it is being undone.',
  schema: OrderSnapshot,
  example: { ...example, state: 'CANCELLING', cancellationCode: 'PAYMENT_DECLINED' },
});
export const OrderCancelled = defineEvent({
  ...orderEvent,
  type: 'order.cancelled',
  description: 'An order ended without a sale: no piece is set aside and no money kept for it.',
  schema: OrderSnapshot,
  example: { ...example, state: 'CANCELLED', cancellationCode: 'PAYMENT_DECLINED' },
});
export const OrderPaymentChanged = defineEvent({
  ...orderEvent,
  type: 'order.payment-changed',
  description: 'The payment of an order changed (declined, uncertain, voided, refunded) while its state did not.',
  schema: OrderSnapshot,
  example: { ...example, payment: { ...example.payment, state: 'UNCERTAIN' } },
});

export const orderEvents = [
  OrderPlaced,
  OrderReserved,
  OrderPaid,
  OrderConfirmed,
  OrderShipped,
  OrderDelivered,
  OrderCancelling,
  OrderCancelled,
  OrderPaymentChanged,
] as const;
