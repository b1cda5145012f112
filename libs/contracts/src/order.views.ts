import { z } from 'zod';
import { idOf } from './ids.js';
import { Money } from './money.js';

export const OrderStatus = z.enum([
  'PENDING',
  'RESERVED',
  'PAID',
  'CONFIRMED',
  'SHIPPED',
  'DELIVERED',
  'CANCELLING',
  'CANCELLED',
]);
export const PaymentStatus = z.enum(['NONE', 'AUTHORIZED', 'CAPTURED', 'DECLINED', 'UNCERTAIN', 'VOIDED', 'REFUNDED']);
export const CancellationCode = z.enum(['OUT_OF_STOCK', 'PAYMENT_DECLINED', 'PAYMENT_TIMEOUT', 'BUYER', 'MERCHANT']);

export const AddressView = z.object({
  name: z.string().trim().min(1, 'is empty').max(200),
  line1: z.string().trim().min(1, 'is empty').max(200),
  line2: z.string().trim().max(200).nullish(),
  city: z.string().trim().min(1, 'is empty').max(200),
  region: z.string().trim().max(200).nullish(),
  postalCode: z.string().trim().max(20).nullish(),
  country: z.string().regex(/^[A-Z]{2}$/, 'is not an ISO 3166-1 alpha-2 country'),
});

export const CartLineView = z.object({
  id: idOf('line'),
  variantId: idOf('variant'),
  quantity: z.int().min(1),
  quotedPrice: Money,
  lineTotal: Money,
});
/** A buyer has one cart for each merchant. */
export const CartView = z.object({
  id: idOf('cart'),
  merchantId: idOf('merchant'),
  lines: z.array(CartLineView),
  subtotal: Money,
  updatedAt: z.iso.datetime(),
});

export const OrderLineView = z.object({
  id: idOf('line'),
  variantId: idOf('variant'),
  productId: idOf('product'),
  title: z.string(),
  quantity: z.int().min(1),
  unitPrice: Money,
  lineTotal: Money,
});
export const PaymentView = z.object({ state: PaymentStatus, captured: Money, refunded: Money });
export const CancellationView = z.object({ code: CancellationCode, at: z.iso.datetime() });

/** An order as its buyer and the merchant's staff see it. */
export const OrderView = z.object({
  id: idOf('order'),
  number: z.string(),
  state: OrderStatus,
  merchantId: idOf('merchant'),
  buyerProfileId: idOf('profile'),
  lines: z.array(OrderLineView),
  subtotal: Money,
  shipping: Money,
  tax: Money,
  total: Money,
  shippingAddress: AddressView,
  payment: PaymentView,
  cancellation: CancellationView.nullish(),
  shareCode: z.string().nullish(),
  trackingCode: z.string().nullish(),
  history: z.array(z.object({ state: OrderStatus, at: z.iso.datetime() })),
  createdAt: z.iso.datetime(),
});

export type OrderStatus = z.infer<typeof OrderStatus>;
export type PaymentStatus = z.infer<typeof PaymentStatus>;
export type CancellationCode = z.infer<typeof CancellationCode>;
export type AddressView = z.infer<typeof AddressView>;
export type CartView = z.infer<typeof CartView>;
export type CartLineView = z.infer<typeof CartLineView>;
export type OrderLineView = z.infer<typeof OrderLineView>;
export type PaymentView = z.infer<typeof PaymentView>;
export type OrderView = z.infer<typeof OrderView>;
