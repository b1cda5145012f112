import { z } from 'zod';
import { NamedId } from './ids.js';
import { ClientMutationKey, defineCommand, defineQuery } from './operation.js';
import { CountryCode } from './country.js';
import { AddressView, CartView, OrderStatus, OrderView } from './order.views.js';
import { PageInput, pageOf } from './page.js';
import {
  EmptyCart,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
  OutOfStock,
  PriceChanged,
  resultOf,
  WrongState,
} from './user-errors.js';

// ---- queries

export const CartsOfCaller = defineQuery({
  name: 'order.cartsOfCaller',
  access: 'signed-in',
  description: "The caller's carts that have lines, the one touched last first; with merchantId that merchant's only.",
  input: z.object({ merchantId: NamedId.nullish() }),
  output: z.array(CartView),
});
export const CartsByIds = defineQuery({
  name: 'order.cartsByIds',
  access: 'signed-in',
  description: "The carts of these ids that are the caller's.",
  input: z.object({ ids: z.array(NamedId).max(500) }),
  output: z.array(CartView),
});
export const OrdersByIds = defineQuery({
  name: 'order.ordersByIds',
  access: 'signed-in',
  description:
    'The orders of these ids that the caller placed, or that are of a merchant on whose staff the caller is.',
  input: z.object({ ids: z.array(NamedId).max(500) }),
  output: z.array(OrderView),
});
export const OrdersOfCaller = defineQuery({
  name: 'order.ordersOfCaller',
  access: 'signed-in',
  description: "The caller's own orders, newest first.",
  input: PageInput,
  output: pageOf(OrderView),
});
export const OrdersOfMerchant = defineQuery({
  name: 'order.ordersOfMerchant',
  access: 'signed-in',
  description:
    "A merchant's orders, newest first, of these states (all when none are given). FORBIDDEN unless on its staff.",
  input: PageInput.extend({ merchantId: NamedId, states: z.array(OrderStatus).max(8).nullish() }),
  output: pageOf(OrderView),
});
/** What the reputation service asks before it says «not delivered»: its own copy may be behind. */
export const PurchasesOfCaller = defineQuery({
  name: 'order.purchasesOfCaller',
  access: 'signed-in',
  description: "Of these order lines, the caller's own, with the state of their order.",
  input: z.object({ orderLineIds: z.array(NamedId).max(100) }),
  output: z.array(
    z.object({
      orderLineId: NamedId,
      orderId: NamedId,
      productId: NamedId,
      variantId: NamedId,
      merchantId: NamedId,
      state: OrderStatus,
    }),
  ),
});

// ---- commands

const Quantity = z.int('is not a whole number').max(10_000, 'is more than 10,000');
const cartResult = z.discriminatedUnion('__typename', [
  resultOf('Cart', CartView),
  NotFound,
  OutOfStock,
  InvalidInput,
  IdempotencyConflict,
]);
const orderResult = z.discriminatedUnion('__typename', [
  resultOf('Order', OrderView),
  NotFound,
  WrongState,
  IdempotencyConflict,
]);

export const AddToCart = defineCommand({
  name: 'order.addToCart',
  access: 'signed-in',
  description: "Adds pieces of a variant to the caller's cart of its merchant, at today's price.",
  input: z.object({
    clientMutationKey: ClientMutationKey,
    variantId: NamedId,
    quantity: Quantity.min(1, 'is less than 1'),
  }),
  output: cartResult,
});
export const SetCartLine = defineCommand({
  name: 'order.setCartLine',
  access: 'signed-in',
  description: 'Sets how many pieces of a variant are in the cart, at today\u2019s price; 0 removes the line.',
  input: z.object({
    clientMutationKey: ClientMutationKey,
    variantId: NamedId,
    quantity: Quantity.min(0, 'is negative'),
  }),
  output: cartResult,
});
export const PlaceOrder = defineCommand({
  name: 'order.placeOrder',
  access: 'signed-in',
  description:
    'Places the cart as an order and empties it. Answers when the order is stored or, with waitFor, when it reached that state or was cancelled, or after waitMs.',
  input: z.object({
    clientMutationKey: z.string().min(1, 'is empty').max(200),
    cartId: NamedId,
    shippingAddress: AddressView.extend({ country: CountryCode }),
    paymentToken: z.string().min(1, 'is empty').max(200),
    shareCode: z.string().max(64).nullish(),
    waitFor: OrderStatus.nullish(),
    waitMs: z.int().min(0).max(30_000).nullish(),
  }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Order', OrderView),
    EmptyCart,
    OutOfStock,
    PriceChanged,
    NotFound,
    InvalidInput,
    IdempotencyConflict,
  ]),
});
export const CancelOrder = defineCommand({
  name: 'order.cancelOrder',
  access: 'signed-in',
  description: 'The buyer or the merchant cancels an order that is not shipped yet; what was charged is refunded.',
  input: z.object({ clientMutationKey: ClientMutationKey, id: NamedId }),
  output: orderResult,
});
export const ShipOrder = defineCommand({
  name: 'order.shipOrder',
  access: 'signed-in',
  description: 'The merchant hands a confirmed order to the carrier. Staff only.',
  input: z.object({
    clientMutationKey: ClientMutationKey,
    id: NamedId,
    trackingCode: z.string().trim().max(100).nullish(),
  }),
  output: orderResult,
});
export const DeliverOrder = defineCommand({
  name: 'order.deliverOrder',
  access: 'signed-in',
  description: 'The merchant says that a shipped order reached its buyer. Staff only.',
  input: z.object({ clientMutationKey: ClientMutationKey, id: NamedId }),
  output: orderResult,
});
