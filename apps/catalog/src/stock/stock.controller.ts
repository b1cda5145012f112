import { Controller } from '@nestjs/common';
import { invalidField, SetStock, type InputOf, type OutputOf } from '#contracts';
import { Clock, Handles, type OperationContext } from '#service-kit';
import { ProductViews } from '../product/product.query.js';
import { UpdateProductHandler } from '../product/update-product.handler.js';
import { setOnHand } from './stock.js';
import { StockRepository } from './stock.repository.js';
import { TakeCounts } from './take-counts.handler.js';

@Controller()
export class StockController {
  constructor(
    private readonly products: UpdateProductHandler,
    private readonly counts: TakeCounts,
    private readonly stocks: StockRepository,
    private readonly views: ProductViews,
    private readonly clock: Clock,
  ) {}

  @Handles(SetStock)
  async setStock(
    { variantId, onHand }: InputOf<typeof SetStock>,
    { signedIn, commandId }: OperationContext,
  ): Promise<OutputOf<typeof SetStock>> {
    const found = await this.products.ownVariant(variantId, signedIn);
    if ('__typename' in found) return found;
    // A count that came with the product and is still under way would otherwise replace this one.
    await this.counts.of(found.card.id, found.card.state);
    const set = await this.stocks.mutate<{ readonly tooFew: boolean }>(
      variantId,
      (before) => {
        const change = setOnHand(variantId, before, onHand, this.clock.now());
        return change
          ? { state: change.stock, events: change.events, result: { tooFew: false } }
          : { result: { tooFew: true } };
      },
      { commandId },
    );
    if (set?.result?.tooFew)
      return invalidField('onHand', `is below the ${set.stored.state.reserved} that are reserved`);
    return { __typename: 'Variant', ...(await this.views.variant(found.card, variantId)) };
  }
}
