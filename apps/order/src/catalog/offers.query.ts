import { Inject, Injectable } from '@nestjs/common';
import { VariantsByIds, type VariantView } from '#contracts';
import { LOGGER, OperationClient, ServiceUnavailableError, type Logger } from '#service-kit';
import type { Offer } from '../cart/cart.js';
import { offerTitle } from './offer-title.js';
import { VariantCopies, type VariantCopy } from './variant-copy.projection.js';

const CATALOG_DEADLINE_MS = 1_500;

/** What may be bought now: asked of the catalog, and taken from the copy of its events while it can't be reached. */
@Injectable()
export class Offers {
  constructor(
    private readonly client: OperationClient,
    private readonly copies: VariantCopies,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** By variant; what does not exist or is not for sale is missing. */
  async of(variantIds: readonly string[]): Promise<Map<string, Offer>> {
    const ids = [...variantIds];
    const offers = await this.fromCatalog(ids).catch((error: unknown) => {
      if (!(error instanceof ServiceUnavailableError)) throw error;
      this.logger.warn({ err: error }, 'the catalog can not be asked, its copy is used');
      return this.fromCopies(ids);
    });
    return new Map(offers.map((offer) => [offer.variantId, offer]));
  }

  private async fromCatalog(ids: string[]): Promise<Offer[]> {
    const variants = await this.client.call(VariantsByIds, { ids }, { deadlineMs: CATALOG_DEADLINE_MS });
    return variants.filter(({ productStatus }) => productStatus === 'ACTIVE').map(offerOf);
  }

  private async fromCopies(ids: string[]): Promise<Offer[]> {
    const copies = await this.copies.findAll(ids);
    return copies.filter(({ status }) => status === 'ACTIVE').map(offerOfCopy);
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

const offerOfCopy = ({ _id, productId, merchantId, title, price, available }: VariantCopy): Offer => ({
  variantId: _id,
  productId,
  merchantId,
  title,
  price,
  ...(available === undefined ? {} : { available }),
});
