import { multiplyMoney, sumMoney, type Money } from '#contracts';

export interface CartLine {
  readonly id: string;
  readonly variantId: string;
  readonly productId: string;
  readonly quantity: number;
  /** Price that the buyer was shown when the line was last touched. */
  readonly quotedPrice: Money;
}

/** What a buyer wants of one merchant, in that merchant's currency. */
export interface Cart {
  readonly buyerId: string;
  readonly merchantId: string;
  readonly currency: string;
  /** Which filling of the cart this is: one more each time an order was taken out. */
  readonly generation: number;
  readonly lines: readonly CartLine[];
  readonly updatedAt: Date;
}

/** What may be bought, at today's price. */
export interface Offer {
  readonly variantId: string;
  readonly productId: string;
  readonly merchantId: string;
  /** As it stands on the order: the product's title and the options chosen. */
  readonly title: string;
  readonly price: Money;
  /** Pieces there are; absent where nobody can tell now: then the reservation decides. */
  readonly available?: number;
}

export const MAX_LINES = 50;
export const MAX_QUANTITY = 10_000;

export const emptyCart = (buyerId: string, merchantId: string, currency: string, at: Date): Cart => ({
  buyerId,
  merchantId,
  currency,
  generation: 1,
  lines: [],
  updatedAt: at,
});

export const quantityOf = (cart: Cart, variantId: string): number =>
  cart.lines.find((line) => line.variantId === variantId)?.quantity ?? 0;

/** Sets a line to that many pieces at today's price; 0 removes it. */
export function setLine(cart: Cart, lineId: string, offer: Offer, quantity: number, at: Date): Cart {
  const { variantId, productId, price } = offer;
  if (quantity === 0) return removeLine(cart, variantId, at);
  const old = cart.lines.find((line) => line.variantId === variantId);
  const line: CartLine = { id: old?.id ?? lineId, variantId, productId, quantity, quotedPrice: price };
  const lines = old ? cart.lines.map((other) => (other === old ? line : other)) : [...cart.lines, line];
  return { ...cart, currency: price.currency, lines, updatedAt: at };
}

export const removeLine = (cart: Cart, variantId: string, at: Date): Cart => ({
  ...cart,
  lines: cart.lines.filter((line) => line.variantId !== variantId),
  updatedAt: at,
});

export type Refusal = 'TOO_MANY_LINES' | 'TOO_MANY_PIECES' | 'OTHER_CURRENCY' | 'NOT_ENOUGH' | 'TOO_EXPENSIVE';

/** Why a line can't be set to that many pieces, or undefined. */
export function refusalOf(cart: Cart, offer: Offer, quantity: number): Refusal | undefined {
  const others = cart.lines.filter((line) => line.variantId !== offer.variantId);
  if (others.length >= MAX_LINES) return 'TOO_MANY_LINES';
  if (quantity > MAX_QUANTITY) return 'TOO_MANY_PIECES';
  if (others.length > 0 && cart.currency !== offer.price.currency) return 'OTHER_CURRENCY';
  if (offer.available !== undefined && quantity > offer.available) return 'NOT_ENOUGH';
  return isCountable(setLine(cart, '', offer, quantity, cart.updatedAt)) ? undefined : 'TOO_EXPENSIVE';
}

export const lineTotal = ({ quotedPrice, quantity }: CartLine): Money => multiplyMoney(quotedPrice, quantity);
export const subtotal = (cart: Cart): Money => sumMoney(cart.lines.map(lineTotal), cart.currency);

/** Whether the sum is an integer that nobody on its way rounds. Prices are not negative, so no line is above the sum. */
const isCountable = (cart: Cart): boolean => Number.isSafeInteger(subtotal(cart).amountMinor);

export interface QuotedLine extends CartLine {
  readonly title: string;
}
export type Quote =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'out-of-stock';
      readonly variantId: string;
      readonly requested: number;
      readonly available: number;
    }
  | { readonly kind: 'price-changed'; readonly variantId: string; readonly quoted: Money; readonly current: Money }
  | { readonly kind: 'too-expensive' }
  | { readonly kind: 'ready'; readonly lines: readonly QuotedLine[]; readonly subtotal: Money };

/** Whether the cart can be bought as the buyer saw it. What is for sale no more counts as out of stock. */
export function quote(cart: Cart, offers: ReadonlyMap<string, Offer>): Quote {
  if (cart.lines.length === 0) return { kind: 'empty' };
  for (const { variantId, quantity } of cart.lines) {
    const available = availableOf(offers.get(variantId));
    if (quantity > available) return { kind: 'out-of-stock', variantId, requested: quantity, available };
  }
  for (const { variantId, quotedPrice } of cart.lines) {
    const current = offers.get(variantId)?.price ?? quotedPrice;
    if (isSame(current, quotedPrice)) continue;
    if (!isCountable(atPricesOf(cart, offers))) return { kind: 'too-expensive' };
    return { kind: 'price-changed', variantId, quoted: quotedPrice, current };
  }
  const lines = cart.lines.map((line) => ({ ...line, title: offers.get(line.variantId)?.title ?? '' }));
  return { kind: 'ready', lines, subtotal: subtotal(cart) };
}

const availableOf = (offer: Offer | undefined): number => (offer ? (offer.available ?? Infinity) : 0);
const isSame = (left: Money, right: Money): boolean =>
  left.amountMinor === right.amountMinor && left.currency === right.currency;

/** Shows today's prices, which the buyer accepts by placing the cart again; the old ones where the sum can't be counted. */
export function reprice(cart: Cart, offers: ReadonlyMap<string, Offer>, at: Date): Cart {
  const repriced = atPricesOf(cart, offers);
  return isCountable(repriced) ? { ...repriced, updatedAt: at } : cart;
}

function atPricesOf(cart: Cart, offers: ReadonlyMap<string, Offer>): Cart {
  const lines = cart.lines.map((line) => ({
    ...line,
    quotedPrice: offers.get(line.variantId)?.price ?? line.quotedPrice,
  }));
  return { ...cart, currency: lines[0]?.quotedPrice.currency ?? cart.currency, lines };
}

/**
 * Takes out what became an order, once: the filling that it was placed from is over with that. What was added since
 * the order read the cart stays.
 */
export function takeOut(
  cart: Cart,
  generation: number,
  ordered: readonly { readonly variantId: string; readonly quantity: number }[],
  at: Date,
): Cart {
  if (cart.generation !== generation) return cart;
  const taken = new Map(ordered.map(({ variantId, quantity }) => [variantId, quantity]));
  const lines = cart.lines
    .map((line) => ({ ...line, quantity: line.quantity - (taken.get(line.variantId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
  return { ...cart, generation: generation + 1, lines, updatedAt: at };
}
