import { Injectable } from '@nestjs/common';
import { OrderPlaced, type EventOf, type OrderSnapshot } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { Clock } from '#service-kit';
import { ProductRepository } from '../product/product.repository.js';
import { MeetDemand } from './meet-demand.handler.js';
import { reserve } from './stock.js';

@Injectable()
@ConsumerGroup('catalog.stock')
export class ReserveStockWhenOrderIsPlaced {
  constructor(
    private readonly demand: MeetDemand,
    private readonly products: ProductRepository,
    private readonly clock: Clock,
  ) {}

  @OnEvent(OrderPlaced)
  async onPlaced({ data, version }: EventOf<typeof OrderPlaced>): Promise<void> {
    const forSale = await this.forSale(data);
    const until = new Date(data.reserveUntil);
    await this.demand.meet(data, version, (variantId, stock, demand) =>
      reserve(variantId, stock, { ...demand, until, forSale: forSale.has(variantId) }, this.clock.now()),
    );
  }

  /** Those of the order's variants that are on sale, and the merchant's that the order is placed with. */
  private async forSale({ lines, merchantId }: OrderSnapshot): Promise<ReadonlySet<string>> {
    const cards = await this.products.cards([...new Set(lines.map(({ productId }) => productId))]);
    const onSale = cards.filter(({ state }) => state.status === 'ACTIVE' && state.merchantId === merchantId);
    return new Set(onSale.flatMap(({ state }) => state.variants.map(({ id }) => id)));
  }
}
