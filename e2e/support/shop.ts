import { randomUUID } from 'node:crypto';
import type { Result } from './api.js';
import type { Person } from './people.js';

export interface Shop {
  readonly merchantId: string;
  readonly owner: Person;
}

export interface Listed {
  readonly productId: string;
  readonly variantId: string;
}

export interface PlacedOrder {
  readonly id: string;
  readonly state: string;
  readonly payment: { readonly state: string };
  readonly cancellation: { readonly code: string } | null;
  readonly history: readonly { readonly state: string; readonly at: string }[];
}

export const ORDER_FIELDS = 'id state payment { state } cancellation { code } history { state at }';
const ON_ORDER = `... on Order { ${ORDER_FIELDS} }`;

export const ADDRESS = { name: 'Ben', line1: 'Lindenstr. 1', city: 'Berlin', postalCode: '10115', country: 'DE' };

/** An id, or the reason why there is none as an error. */
async function idOf(result: Promise<Result<{ id: string }>>): Promise<string> {
  const { __typename, id, code, message } = await result;
  if (code !== undefined) throw new Error(`${__typename}: ${message ?? ''}`);
  return id;
}

export async function openShop(owner: Person): Promise<Shop> {
  const input = { name: `${owner.name}'s lamps`, handle: `shop-${owner.handle}`, currency: 'EUR' };
  const merchantId = await idOf(owner.api.run('createMerchant', input, '... on Merchant { id }'));
  return { merchantId, owner };
}

/** Lists a product of one variant at 49 euros. */
export async function list({ owner, merchantId }: Shop, title: string, onHand: number): Promise<Listed> {
  const input = { merchantId, title, variants: [{ price: { amountMinor: 4900, currency: 'EUR' }, onHand }] };
  const result = await owner.api.run<{ id: string; variants: { id: string }[] }>(
    'createProduct',
    input,
    '... on Product { id variants { id } }',
  );
  const [variant] = result.variants;
  if (!variant) throw new Error(JSON.stringify(result));
  return { productId: result.id, variantId: variant.id };
}

/** Puts a piece into the buyer's cart. Undefined when there was none left. */
export async function fillCart(buyer: Person, variantId: string, quantity = 1): Promise<string | undefined> {
  const fields = '... on Cart { id }';
  const result = await buyer.api.run<{ id: string }>('addToCart', { variantId, quantity }, fields);
  if (result.__typename === 'OutOfStock') return undefined;
  if (result.__typename !== 'Cart') throw new Error(JSON.stringify(result));
  return result.id;
}

interface Placement {
  readonly cartId: string;
  readonly clientMutationKey?: string;
  readonly paymentToken?: string;
  readonly shareCode?: string;
  readonly waitFor?: string;
  readonly waitMs?: number;
}

/** Places the cart as an order. */
export function placeOrder(buyer: Person, placement: Placement): Promise<Result<PlacedOrder>> {
  const input = {
    clientMutationKey: randomUUID(),
    paymentToken: 'tok_approve',
    shippingAddress: ADDRESS,
    ...placement,
  };
  return buyer.api.run<PlacedOrder>('placeOrder', input, ON_ORDER);
}

/** Buys one piece, and waits until that is a sale. */
export async function buy(
  buyer: Person,
  variantId: string,
  more: Partial<Placement> = {},
): Promise<Result<PlacedOrder>> {
  const cartId = await fillCart(buyer, variantId);
  if (cartId === undefined) throw new Error('sold out');
  return placeOrder(buyer, { cartId, waitFor: 'CONFIRMED', waitMs: 30_000, ...more });
}

export const change = (person: Person, mutation: string, id: string): Promise<Result<PlacedOrder>> =>
  person.api.run<PlacedOrder>(mutation, { id }, ON_ORDER);

export async function orderOf(person: Person, id: string): Promise<PlacedOrder> {
  const query = `query($id: ID!) { order(id: $id) { ${ORDER_FIELDS} } }`;
  const { order } = await person.api.ask<{ order: PlacedOrder | null }>(query, { id });
  if (order === null) throw new Error(`there is no order ${id}`);
  return order;
}

export async function availableOf(person: Person, variantId: string): Promise<number | null> {
  const query = 'query($id: ID!) { variant(id: $id) { available } }';
  const { variant } = await person.api.ask<{ variant: { available: number | null } }>(query, { id: variantId });
  return variant.available;
}
