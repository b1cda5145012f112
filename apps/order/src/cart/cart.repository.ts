import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { idFrom } from '#contracts';
import { AggregateRepository, DuplicateKeyError, InjectDatabase, type Decision, type Stored } from '#persistence';
import { emptyCart, takeOut, type Cart } from './cart.js';

/** A buyer has one cart of a merchant, so its id is made from the two. */
export const cartIdOf = (buyerId: string, merchantId: string): string =>
  idFrom('cart', new Date(0), `${buyerId} ${merchantId}`);

export const cartLineIdOf = (cartId: string, variantId: string): string =>
  idFrom('line', new Date(0), `${cartId} ${variantId}`);

@Injectable()
export class CartRepository extends AggregateRepository<Cart> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'carts', indexes: [[{ buyerId: 1, updatedAt: -1 }]] });
  }

  /** Changes the buyer's cart of the merchant, which is made where it is missing. */
  async change<Result>(
    of: { readonly buyerId: string; readonly merchantId: string; readonly currency: string },
    at: Date,
    commandId: string,
    decide: (cart: Cart, id: string) => Decision<Cart, Result>,
  ): Promise<{ readonly id: string; readonly cart: Cart; readonly result: Result | undefined }> {
    const { buyerId, merchantId, currency } = of;
    const id = cartIdOf(buyerId, merchantId);
    for (;;) {
      const outcome = await this.mutate(id, (cart) => decide(cart, id), { commandId });
      if (outcome) return { id, cart: outcome.stored.state, result: outcome.result };
      await this.insert(id, emptyCart(buyerId, merchantId, currency, at), []).catch((error: unknown) => {
        if (!(error instanceof DuplicateKeyError)) throw error;
      });
    }
  }

  ofBuyer(buyerId: string): Promise<Stored<Cart>[]> {
    return this.findWhere({ buyerId }, { sort: { updatedAt: -1 } });
  }

  /**
   * Ends the filling of the cart that became an order, if nobody has done so before.
   * @param known the cart as it was a moment ago, where the caller has it.
   */
  async takeOut(
    order: {
      readonly cartId: string;
      readonly cartGeneration: number;
      readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
    },
    at: Date,
    known: Stored<Cart> | null = null,
  ): Promise<void> {
    await this.mutate(known ?? order.cartId, (cart) => ({
      state: takeOut(cart, order.cartGeneration, order.lines, at),
    }));
  }
}
