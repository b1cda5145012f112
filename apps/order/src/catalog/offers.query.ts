import { Inject, Injectable } from '@nestjs/common';
import { VariantsByIds, type VariantView } from '#contracts';
import { LOGGER, OperationClient, ServiceUnavailableError, type Logger } from '#service-kit';
import type { Offer } from '../cart/cart.js';
import { CopiedOffers } from './copied-offers.query.js';
import { offerTitle } from './offer-title.js';

const CATALOG_DEADLINE_MS = 1_500;

/** What may be bought now: asked of the catalog, and taken from the copy of its events while it can't be reached. */
@Injectable()
export class Offers {
  constructor(
    private readonly client: OperationClient,
    private readonly copies: CopiedOffers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** By variant; what does not exist or is not for sale is missing. */
  async of(variantIds: readonly string[]): Promise<Map<string, Offer>> {
    const ids = [...variantIds];
    const offers = await this.fromCatalog(ids).catch((error: unknown) => {
      if (!(error instanceof ServiceUnavailableError)) throw error;
      this.logger.warn({ err: error }, 'the catalog can not be asked, its copy is used');
      return this.copies.of(ids);
    });
    return new Map(offers.map((offer) => [offer.variantId, offer]));
  }

  private async fromCatalog(ids: string[]): Promise<Offer[]> {
    const variants = await this.client.call(VariantsByIds, { ids }, { deadlineMs: CATALOG_DEADLINE_MS });
    return variants.filter(({ productStatus }) => productStatus === 'ACTIVE').map(offerOf);
  }
}

const offerOf = ({ id, productId, merchantId, productTitle, options, price, available }: VariantView): Offer => ({
  variantId: id,
  productId,
  merchantId,
  title: offerTitle(productTitle, options),
  price,
  available,
});
