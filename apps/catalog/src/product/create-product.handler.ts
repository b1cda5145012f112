import { Injectable } from '@nestjs/common';
import { invalidField, invalidInput, notFound, type CreateProduct, type InputOf, type OutputOf } from '#contracts';
import { ContentionError, DuplicateKeyError, type Stored } from '#persistence';
import { ForbiddenError, type OperationContext } from '#service-kit';
import { MerchantStaff } from '../merchant/merchant-staff.policy.js';
import { MerchantRepository } from '../merchant/merchant.repository.js';
import { TakeCounts } from '../stock/take-counts.handler.js';
import { handleCandidates } from './handle.policy.js';
import { problemsOf, sizeProblems } from './product-problems.js';
import { createProduct, reviseProduct, snapshotOf } from './product.js';
import { ProductViews } from './product.query.js';
import { findable, ProductRepository, type StoredProduct } from './product.repository.js';

type Input = InputOf<typeof CreateProduct>;
type Result = OutputOf<typeof CreateProduct>;

const ATTEMPTS = 5;
const HANDLE_TAKEN = 'is the handle of another product';

/**
 * Stores the product with the counts of its variants, then brings the counts to the stock documents. A crash between the
 * two loses nothing: the product's own event does the second step again.
 */
@Injectable()
export class CreateProductHandler {
  constructor(
    private readonly merchants: MerchantRepository,
    private readonly staff: MerchantStaff,
    private readonly products: ProductRepository,
    private readonly counts: TakeCounts,
    private readonly views: ProductViews,
  ) {}

  async run(input: Input, context: OperationContext): Promise<Result> {
    const merchant = await this.merchants.find(input.merchantId);
    if (!merchant) return notFound('Merchant', input.merchantId);
    if (!this.staff.isOn(context.signedIn, merchant)) throw new ForbiddenError("Only the merchant's staff does that");
    const problems = [...problemsOf(input.variants, merchant.state.currency), ...tooLong(input, context)];
    if (problems.length > 0) return invalidInput(problems);
    const stored = await this.store(input, context);
    if (stored === undefined) return invalidField('handle', HANDLE_TAKEN);
    await this.counts.of(stored.id, stored.state);
    return { __typename: 'Product', ...(await this.views.one(stored)) };
  }

  /** Undefined when another product has the handle that is asked for. */
  private async store(input: Input, context: OperationContext): Promise<Stored<StoredProduct> | undefined> {
    const externalKey = externalKeyOf(input, context);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const known = await this.products.findByExternalKey(input.merchantId, externalKey);
      try {
        return known ? await this.revise(known.id, input, context) : await this.insert(externalKey, input, context);
      } catch (error) {
        if (!(error instanceof DuplicateKeyError)) throw error;
        // Either the handle is taken, or somebody created the product at the same moment.
        const isThere = known ?? (await this.products.findByExternalKey(input.merchantId, externalKey));
        if (input.handle && (known || !isThere)) return undefined;
      }
    }
    throw new ContentionError(externalKey);
  }

  private async insert(externalKey: string, input: Input, context: OperationContext): Promise<Stored<StoredProduct>> {
    const id = context.newId('product');
    const { merchantId } = input;
    const handle = input.handle ?? (await this.freeHandle(id, input));
    const owner = { merchantId, externalKey, handle };
    const { state, events } = createProduct(id, owner, input, variantIds(context), context.at);
    return (await this.products.insert(id, findable(state), events, { commandId: context.commandId })).stored;
  }

  private async freeHandle(id: string, { merchantId, title }: Input): Promise<string> {
    const candidates = handleCandidates(title, id);
    const taken = await this.products.handlesTaken(merchantId, candidates);
    const free = candidates.find((candidate) => !taken.has(candidate));
    if (free === undefined) throw new ContentionError(id);
    return free;
  }

  private async revise(id: string, input: Input, context: OperationContext): Promise<Stored<StoredProduct>> {
    const draft = { ...input, handle: input.handle ?? undefined };
    const revised = await this.products.mutate(
      id,
      ({ keys: _keys, prices: _prices, ...product }) => {
        const { state, events } = reviseProduct(id, product, draft, variantIds(context), context.at);
        return state ? { state: findable(state), events } : {};
      },
      { commandId: context.commandId },
    );
    if (!revised) throw new ContentionError(id);
    return revised.stored;
  }
}

const variantIds =
  (context: OperationContext) =>
  (seed: string): string =>
    context.newId('variant', seed);

/** Two kinds of keys that never meet: the merchant's own, and ids. */
const externalKeyOf = ({ externalId }: Input, context: OperationContext): string =>
  externalId ? `external ${externalId}` : context.newId('product');

/** What the event would carry, whichever variants are known already: ids are of one length. */
function tooLong(input: Input, context: OperationContext) {
  const owner = { merchantId: input.merchantId, externalKey: '', handle: input.handle ?? '' };
  const id = context.newId('product');
  return sizeProblems(snapshotOf(id, createProduct(id, owner, input, variantIds(context), context.at).state));
}
