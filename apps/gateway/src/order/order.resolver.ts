import {
  AddToCart,
  CancelOrder,
  CartsOfCaller,
  DeliverOrder,
  OrdersOfCaller,
  OrdersOfMerchant,
  PlaceOrder,
  SetCartLine,
  ShipOrder,
  type CartLineView,
  type CartView,
  type InputOf,
  type MerchantView,
  type OrderLineView,
  type OrderStatus,
  type OrderView,
} from '#contracts';
import type { RequestScope } from '../context/request-scope.js';
import { connectionOf, pageInput, type PageArgs } from '../graphql/connection.js';
import { command, live, type ResolverMap, type Root } from '../graphql/resolvers.js';
import { watchOrder } from './order.subscription.js';

const MAX_WAIT_MS = 30_000;
const DEFAULT_WAIT_MS = 5_000;
/** Beyond the wait that the client asked for. */
const PLACE_DEADLINE_MS = 10_000;

function placeOrder(_: Root, { input }: { input: InputOf<typeof PlaceOrder> }, scope: RequestScope) {
  const waitMs = input.waitFor ? Math.min(Math.max(0, input.waitMs ?? DEFAULT_WAIT_MS), MAX_WAIT_MS) : 0;
  return scope.command(PlaceOrder, input, PLACE_DEADLINE_MS + waitMs);
}

async function cart(_: Root, { merchantId }: { merchantId: string }, scope: RequestScope): Promise<CartView | null> {
  const [found] = await scope.call(CartsOfCaller, { merchantId });
  return found ?? null;
}

async function orders(_: Root, args: PageArgs, scope: RequestScope) {
  return connectionOf(await scope.call(OrdersOfCaller, pageInput(args)), args);
}

async function ordersOfMerchant(
  { id }: MerchantView,
  args: PageArgs & { states?: OrderStatus[] | null },
  scope: RequestScope,
) {
  const input = { ...pageInput(args), merchantId: id, states: args.states };
  return connectionOf(await scope.call(OrdersOfMerchant, input), args);
}

export const orderResolvers: ResolverMap = {
  Query: {
    carts: (_: Root, __: unknown, scope) => scope.call(CartsOfCaller, {}),
    cart,
    order: (_: Root, { id }: { id: string }, scope) => (scope.visitor.token ? scope.loaders.orders.load(id) : null),
    orders,
  },
  Merchant: { orders: ordersOfMerchant },
  Cart: { merchant: ({ merchantId }: CartView, _: unknown, { loaders }) => loaders.merchants.load(merchantId) },
  CartLine: { variant: ({ variantId }: CartLineView, _: unknown, { loaders }) => loaders.variants.load(variantId) },
  Order: {
    merchant: ({ merchantId }: OrderView, _: unknown, { loaders }) => loaders.merchants.load(merchantId),
    buyer: ({ buyerProfileId }: OrderView, _: unknown, { loaders }) => loaders.profiles.load(buyerProfileId),
  },
  OrderLine: { variant: ({ variantId }: OrderLineView, _: unknown, { loaders }) => loaders.variants.load(variantId) },
  Mutation: {
    addToCart: command(AddToCart),
    setCartLine: command(SetCartLine),
    placeOrder,
    cancelOrder: command(CancelOrder),
    shipOrder: command(ShipOrder),
    deliverOrder: command(DeliverOrder),
  },
  Subscription: { orderUpdated: live(watchOrder) },
};
