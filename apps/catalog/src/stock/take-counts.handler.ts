import { Injectable } from '@nestjs/common';
import { DuplicateKeyError } from '#persistence';
import { Clock } from '#service-kit';
import type { Product } from '../product/product.js';
import { openStock, takeCount, type Count, type Stock } from './stock.js';
import { StockRepository } from './stock.repository.js';

type Owner = Pick<Stock, 'productId' | 'merchantId'>;

/** Brings the counts that came with a product to the stock documents of its variants. Doing it again changes nothing. */
@Injectable()
export class TakeCounts {
  constructor(
    private readonly stocks: StockRepository,
    private readonly clock: Clock,
  ) {}

  async of(productId: string, { merchantId, variants }: Pick<Product, 'merchantId' | 'variants'>): Promise<void> {
    const taken = await this.stocks.countsTaken(variants.map(({ id }) => id));
    const behind = variants.filter(({ id, count }) => (taken.get(id) ?? -1) < count.seq);
    await Promise.all(
      behind.map(({ id, count }) =>
        taken.has(id) ? this.take(id, count) : this.open(id, { productId, merchantId }, count),
      ),
    );
  }

  /** Makes the stock document unless it is there. */
  async open(variantId: string, owner: Owner, count: Count): Promise<void> {
    const { stock, events } = openStock(variantId, owner, count);
    try {
      await this.stocks.insert(variantId, stock, events);
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
      await this.take(variantId, count);
    }
  }

  private async take(variantId: string, count: Count): Promise<void> {
    await this.stocks.mutate(variantId, (stock) => {
      const change = takeCount(variantId, stock, count, this.clock.now());
      return { state: change.stock, events: change.events };
    });
  }
}
