import { Controller } from '@nestjs/common';
import { AddToCart, CartsByIds, CartsOfCaller, SetCartLine, type InputOf, type OutputOf } from '#contracts';
import { Handles, type OperationContext } from '#service-kit';
import { cartIdOf, CartRepository } from './cart.repository.js';
import { toCartView } from './cart.view.js';
import { ChangeLine } from './change-line.handler.js';

@Controller()
export class CartController {
  constructor(
    private readonly carts: CartRepository,
    private readonly changeLine: ChangeLine,
  ) {}

  @Handles(CartsOfCaller)
  async ofCaller(
    { merchantId }: InputOf<typeof CartsOfCaller>,
    { accountId }: OperationContext,
  ): Promise<OutputOf<typeof CartsOfCaller>> {
    const found = merchantId
      ? await this.carts.findMany([cartIdOf(accountId, merchantId)])
      : await this.carts.ofBuyer(accountId);
    return found.filter(({ state }) => state.lines.length > 0).map(({ id, state }) => toCartView(id, state));
  }

  @Handles(CartsByIds)
  async byIds(
    { ids }: InputOf<typeof CartsByIds>,
    { accountId }: OperationContext,
  ): Promise<OutputOf<typeof CartsByIds>> {
    const found = await this.carts.findMany(ids);
    return found.filter(({ state }) => state.buyerId === accountId).map(({ id, state }) => toCartView(id, state));
  }

  @Handles(AddToCart)
  add(input: InputOf<typeof AddToCart>, context: OperationContext): Promise<OutputOf<typeof AddToCart>> {
    return this.changeLine.add(input, context);
  }

  @Handles(SetCartLine)
  set(input: InputOf<typeof SetCartLine>, context: OperationContext): Promise<OutputOf<typeof SetCartLine>> {
    return this.changeLine.set(input, context);
  }
}
