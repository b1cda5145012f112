import { Injectable } from '@nestjs/common';
import {
  invalidInput,
  notFound,
  type InputOf,
  type InvalidField,
  type NotFound,
  type OutputOf,
  type UpdateProduct,
  type UpdateVariant,
} from '#contracts';
import type { Stored } from '#persistence';
import { ForbiddenError, type Caller, type OperationContext } from '#service-kit';
import { MerchantStaff } from '../merchant/merchant-staff.policy.js';
import { priceProblems, sizeProblems } from './product-problems.js';
import { changeProduct, changeVariant, snapshotOf, type Change, type Product } from './product.js';
import { ProductViews } from './product.query.js';
import { findable, ProductRepository, type ProductCard, type StoredProduct } from './product.repository.js';

/** Changes by the merchant's staff. Nobody else learns that a draft exists. */
@Injectable()
export class UpdateProductHandler {
  constructor(
    private readonly products: ProductRepository,
    private readonly staff: MerchantStaff,
    private readonly views: ProductViews,
  ) {}

  async update(
    input: InputOf<typeof UpdateProduct>,
    context: OperationContext,
  ): Promise<OutputOf<typeof UpdateProduct>> {
    const { id } = input;
    const [card] = await this.products.cards([id]);
    const own = await this.own(card, context.signedIn);
    if (!own) return notFound('Product', id);
    const changed = await this.change(id, context, (product) => changeProduct(id, product, input, context.at));
    if ('problems' in changed) return invalidInput(changed.problems);
    return { __typename: 'Product', ...(await this.views.one(changed)) };
  }

  async updateVariant(
    input: InputOf<typeof UpdateVariant>,
    context: OperationContext,
  ): Promise<OutputOf<typeof UpdateVariant>> {
    const found = await this.ownVariant(input.id, context.signedIn);
    if ('__typename' in found) return found;
    const { card, currency } = found;
    const problems = priceProblems(input, currency);
    if (problems.length > 0) return invalidInput(problems);
    const changed = await this.change(card.id, context, (product) =>
      changeVariant(card.id, product, input.id, input, context.at),
    );
    if ('problems' in changed) return invalidInput(changed.problems);
    if (!changed.state.variants.some(({ id }) => id === input.id)) return notFound('Variant', input.id);
    return { __typename: 'Variant', ...(await this.views.variant(changed, input.id)) };
  }

  /** The product of a variant that is the caller's to change. */
  async ownVariant(
    variantId: string,
    caller: Caller,
  ): Promise<{ readonly card: Stored<ProductCard>; readonly currency: string } | NotFound> {
    const [found] = await this.products.cardsOfVariants([variantId]);
    const card = await this.own(found, caller);
    const variant = card?.state.variants.find(({ id }) => id === variantId);
    return card && variant ? { card, currency: variant.price.currency } : notFound('Variant', variantId);
  }

  private async own(card: Stored<ProductCard> | undefined, caller: Caller): Promise<Stored<ProductCard> | undefined> {
    if (!card || (await this.staff.has(caller, card.state.merchantId))) return card;
    if (card.state.status === 'ACTIVE') throw new ForbiddenError("Only the merchant's staff does that");
    return undefined;
  }

  private async change(
    id: string,
    { commandId }: OperationContext,
    decide: (product: Product) => Change,
  ): Promise<Stored<StoredProduct> | { readonly problems: InvalidField[] }> {
    const changed = await this.products.mutate<InvalidField[]>(
      id,
      ({ keys: _keys, prices: _prices, ...product }) => {
        const { state, events } = decide(product);
        if (!state) return {};
        const problems = sizeProblems(snapshotOf(id, state));
        return problems.length > 0 ? { result: problems } : { state: findable(state), events };
      },
      { commandId },
    );
    if (!changed) throw new Error(`${id} is gone`);
    return changed.result ? { problems: changed.result } : changed.stored;
  }
}
