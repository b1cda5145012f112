import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from './api-client.js';
import { AddToCart, PlaceOrder, type OrderRead } from './mutations.js';
import { OrderById } from './queries.js';

export interface Purchase {
  /** Names the purchase: its mutations' keys begin with it. */
  readonly key: string;
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
  /** For the address. */
  readonly buyer: string;
  readonly shareCode?: string | undefined;
  readonly paymentToken?: string;
}

const WAIT_MS = 10_000;
const SETTLED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 200;

export const isConfirmed = ({ history }: OrderRead): boolean => history.some(({ state }) => state === 'CONFIRMED');

/** Fills the cart and places it; the order once it is confirmed or cancelled. Errors: RefusedError, ApiError. */
export async function purchase(client: ApiClient, wanted: Purchase): Promise<OrderRead> {
  return place(client, await fillCart(client, wanted), wanted);
}

/** The cart's id. Errors: RefusedError, ApiError. */
export async function fillCart(client: ApiClient, { key, lines }: Pick<Purchase, 'key' | 'lines'>): Promise<string> {
  let cartId = '';
  for (const [index, { variantId, quantity }] of lines.entries()) {
    const input = { clientMutationKey: `${key}:cart:${index}`, variantId, quantity };
    ({ id: cartId } = await client.mutate(AddToCart, input));
  }
  return cartId;
}

/** Errors: RefusedError, ApiError. */
export async function place(
  client: ApiClient,
  cartId: string,
  { key, buyer, shareCode, paymentToken = 'tok_approve' }: Omit<Purchase, 'lines'>,
): Promise<OrderRead> {
  const placed = await client.mutate(PlaceOrder, {
    clientMutationKey: `${key}:place`,
    cartId,
    shippingAddress: { name: buyer, line1: 'Example Street 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
    paymentToken,
    shareCode,
    waitFor: 'CONFIRMED',
    waitMs: WAIT_MS,
  });
  // An answer that is repeated for its key shows the order as it was then, so it is looked at again.
  return until(client, placed, (order) => order.state === 'CANCELLED' || isConfirmed(order));
}

/** The order as soon as it is so, or as it is after a minute. */
export async function until(
  client: ApiClient,
  seen: OrderRead,
  isSo: (order: OrderRead) => boolean,
): Promise<OrderRead> {
  let order = seen;
  for (const untilMs = Date.now() + SETTLED_WITHIN_MS; Date.now() < untilMs; await pause(LOOK_EVERY_MS)) {
    if (isSo(order)) return order;
    order = (await client.ask(OrderById, { id: order.id })).order ?? order;
  }
  return order;
}
