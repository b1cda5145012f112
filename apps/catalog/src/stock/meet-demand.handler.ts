import { Injectable } from '@nestjs/common';
import type { OrderSnapshot } from '#contracts';
import { ProductRepository } from '../product/product.repository.js';
import { OrderRecords } from './order-record.projection.js';
import type { Demand, DemandChange, HoldState, Stock } from './stock.js';
import { StockRepository } from './stock.repository.js';
import { TakeCounts } from './take-counts.handler.js';

/** What an event of an order does to one of its variants. */
export type DemandStep = (variantId: string, stock: Stock, demand: Demand) => DemandChange;

interface Wish {
  readonly variantId: string;
  readonly productId: string;
  readonly quantity: number;
}

/**
 * Has the effect of an order's event on the stock of each of its variants, then notes in the order's record what became
 * of them. A crash in between repeats the event: what is done answers to its order's version, and is not done again.
 */
@Injectable()
export class MeetDemand {
  constructor(
    private readonly stocks: StockRepository,
    private readonly records: OrderRecords,
    private readonly products: ProductRepository,
    private readonly counts: TakeCounts,
  ) {}

  async meet(order: OrderSnapshot, orderVersion: number, step: DemandStep): Promise<void> {
    const states = await Promise.all(
      wishesOf(order).map(async (wish) => {
        const state = await this.meetWish(order, orderVersion, wish, step);
        return [wish.variantId, state] as const;
      }),
    );
    await this.records.take(order.orderId, orderVersion, new Map(states));
  }

  private async meetWish(order: OrderSnapshot, version: number, wish: Wish, step: DemandStep): Promise<HoldState> {
    const { variantId, quantity } = wish;
    const demand = { orderId: order.orderId, quantity, orderVersion: version };
    const decide = async (stock: Stock) => {
      // The record is read after the stock: a hold that is forgotten before this look is in it, one that is forgotten
      // after it makes the write fail, and this is decided again.
      const isHeld = stock.holds.some(({ orderId }) => orderId === order.orderId);
      const record = isHeld ? undefined : await this.records.find(order.orderId);
      const known = record?.lines[variantId];
      if (known !== undefined && record !== undefined && record.version >= version) return { result: known };
      const change = step(variantId, stock, { ...demand, ...(known ? { known } : {}) });
      return { state: change.stock, events: change.events, result: change.state };
    };
    const outcome = await this.stocks.mutate<HoldState>(variantId, decide);
    if (outcome?.result !== undefined) return outcome.result;
    await this.open(order, wish);
    return this.meetWish(order, version, wish, step);
  }

  /**
   * The document is still to be made (see TakeCounts), or there is no such variant. The order waits for an answer even
   * then, and each answer needs a document to come from: it gets an empty one.
   */
  private async open({ merchantId }: OrderSnapshot, { variantId, productId }: Wish): Promise<void> {
    const [card] = await this.products.cardsOfVariants([variantId]);
    if (card) return this.counts.of(card.id, card.state);
    return this.counts.open(variantId, { productId, merchantId }, { onHand: 0, seq: 0 });
  }
}

/** One for each variant, even where two lines are of the same. */
function wishesOf({ lines }: OrderSnapshot): Wish[] {
  const wishes = new Map<string, Wish>();
  for (const { variantId, productId, quantity } of lines) {
    const before = wishes.get(variantId)?.quantity ?? 0;
    wishes.set(variantId, { variantId, productId, quantity: before + quantity });
  }
  return [...wishes.values()];
}
