import { Injectable } from '@nestjs/common';
import {
  invalidField,
  notFound,
  type AddToCart,
  type InputOf,
  type OutOfStock,
  type OutputOf,
  type SetCartLine,
} from '#contracts';
import type { Decision } from '#persistence';
import { Clock, type OperationContext } from '#service-kit';
import { Offers } from '../catalog/offers.query.js';
import {
  emptyCart,
  MAX_LINES,
  MAX_QUANTITY,
  quantityOf,
  refusalOf,
  removeLine,
  setLine,
  type Cart,
  type Offer,
  type Refusal,
} from './cart.js';
import { cartIdOf, cartLineIdOf, CartRepository } from './cart.repository.js';
import { toCartView } from './cart.view.js';

type CartResult = OutputOf<typeof AddToCart>;
interface Refused {
  readonly refusal: Refusal;
  readonly requested: number;
}

/** Adds to the cart and sets its lines, at the price and availability of this moment. */
@Injectable()
export class ChangeLine {
  constructor(
    private readonly carts: CartRepository,
    private readonly offers: Offers,
    private readonly clock: Clock,
  ) {}

  async add({ variantId, quantity }: InputOf<typeof AddToCart>, context: OperationContext): Promise<CartResult> {
    return this.change(variantId, context, (cart) => quantityOf(cart, variantId) + quantity);
  }

  async set({ variantId, quantity }: InputOf<typeof SetCartLine>, context: OperationContext): Promise<CartResult> {
    return quantity === 0 ? this.remove(variantId, context) : this.change(variantId, context, () => quantity);
  }

  private async change(
    variantId: string,
    context: OperationContext,
    wanted: (cart: Cart) => number,
  ): Promise<CartResult> {
    const offer = (await this.offers.of([variantId])).get(variantId);
    if (!offer) return notFound('Variant', variantId);
    const { merchantId, price } = offer;
    const of = { buyerId: context.accountId, merchantId, currency: price.currency };
    const at = this.clock.now();
    const { id, cart, result } = await this.carts.change<Refused>(of, at, context.commandId, (cart, id) =>
      decideLine(cart, id, offer, wanted(cart), at),
    );
    return result ? toUserError(result, offer) : { __typename: 'Cart', ...toCartView(id, cart) };
  }

  /** What is for sale no more can be taken out all the same. */
  private async remove(variantId: string, context: OperationContext): Promise<CartResult> {
    const at = this.clock.now();
    const carts = await this.carts.ofBuyer(context.accountId);
    const found = carts.find(({ state }) => quantityOf(state, variantId) > 0);
    if (!found) return this.cartWithout(variantId, context, at);
    const { commandId } = context;
    const remove = (cart: Cart) => ({ state: removeLine(cart, variantId, at) });
    const outcome = await this.carts.mutate(found.id, remove, { commandId });
    return { __typename: 'Cart', ...toCartView(found.id, outcome?.stored.state ?? found.state) };
  }

  private async cartWithout(variantId: string, context: OperationContext, at: Date): Promise<CartResult> {
    const offer = (await this.offers.of([variantId])).get(variantId);
    if (!offer) return notFound('Variant', variantId);
    const id = cartIdOf(context.accountId, offer.merchantId);
    const stored = await this.carts.find(id);
    const cart = stored?.state ?? emptyCart(context.accountId, offer.merchantId, offer.price.currency, at);
    return { __typename: 'Cart', ...toCartView(id, cart) };
  }
}

function decideLine(cart: Cart, id: string, offer: Offer, requested: number, at: Date): Decision<Cart, Refused> {
  const refusal = refusalOf(cart, offer, requested);
  if (refusal) return { result: { refusal, requested } };
  return { state: setLine(cart, cartLineIdOf(id, offer.variantId), offer, requested, at) };
}

function toUserError({ refusal, requested }: Refused, { variantId, available = 0 }: Offer): CartResult {
  switch (refusal) {
    case 'NOT_ENOUGH':
      return outOfStock(variantId, requested, available);
    case 'TOO_MANY_LINES':
      return invalidField('variantId', `would be line ${MAX_LINES + 1}: a cart has ${MAX_LINES} at most`);
    case 'TOO_MANY_PIECES':
      return invalidField('quantity', `would make ${requested} pieces: a line has ${MAX_QUANTITY} at most`);
    case 'TOO_EXPENSIVE':
      return invalidField('quantity', TOO_EXPENSIVE);
    case 'OTHER_CURRENCY':
      return invalidField('variantId', 'has its price in another currency than the cart');
  }
}

/** Goes on where the name of a field ends. */
export const TOO_EXPENSIVE = `would make the cart cost more than ${Number.MAX_SAFE_INTEGER} minor units`;

export const outOfStock = (variantId: string, requested: number, available: number): OutOfStock => ({
  __typename: 'OutOfStock',
  code: 'OUT_OF_STOCK',
  message: available === 0 ? 'There is none left' : `There are only ${available} left`,
  variantId,
  requested,
  available,
});
