import { Injectable } from '@nestjs/common';
import { notFound, ProductsByIds, type NotFound } from '#contracts';
import { OperationClient, ServiceUnavailableError } from '#service-kit';
import { ProductCopies } from './product-copy.projection.js';

/** Leaves time for the rest of the command when the catalog hangs. */
const ASK_WITHIN_MS = 700;

interface Tag {
  readonly productId: string;
  readonly variantId?: string | null;
}

/** Says whether products are there to be tagged or shared. */
@Injectable()
export class ProductDirectory {
  constructor(
    private readonly client: OperationClient,
    private readonly copies: ProductCopies,
  ) {}

  /**
   * What of these is not there, or null. The catalog knows; while it is down, the local copy may say yes, but never no:
   * it may be behind. Errors: ServiceUnavailableError.
   */
  async findMissing(tags: readonly Tag[]): Promise<NotFound | null> {
    if (tags.length === 0) return null;
    try {
      return missingOf(tags, await this.ask(tags));
    } catch (error) {
      if (!(error instanceof ServiceUnavailableError)) throw error;
      if (missingOf(tags, await this.remember(tags)) === null) return null;
      throw error;
    }
  }

  private async ask(tags: readonly Tag[]): Promise<Map<string, readonly string[]>> {
    const ids = [...new Set(tags.map(({ productId }) => productId))];
    const products = await this.client.call(ProductsByIds, { ids }, { deadlineMs: ASK_WITHIN_MS });
    return new Map(products.map((product) => [product.id, product.variants.map(({ id }) => id)]));
  }

  private async remember(tags: readonly Tag[]): Promise<Map<string, readonly string[]>> {
    const copies = await this.copies.findCopies(tags.map(({ productId }) => productId));
    return new Map(
      [...copies.values()].flatMap((copy) => (copy.status === 'ACTIVE' ? [[copy._id, copy.variantIds]] : [])),
    );
  }
}

function missingOf(tags: readonly Tag[], known: ReadonlyMap<string, readonly string[]>): NotFound | null {
  for (const { productId, variantId } of tags) {
    const variants = known.get(productId);
    if (variants === undefined) return notFound('Product', productId);
    if (variantId && !variants.includes(variantId)) return notFound('Variant', variantId);
  }
  return null;
}
