import { Injectable } from '@nestjs/common';
import type { ProductView, VariantView } from '#contracts';
import type { Stored } from '#persistence';
import { Clock, type Caller } from '#service-kit';
import { MerchantStaff } from '../merchant/merchant-staff.policy.js';
import { availableAt, type Stock } from '../stock/stock.js';
import { StockRepository } from '../stock/stock.repository.js';
import type { Product, Variant } from './product.js';
import { ProductRepository, type ProductCard } from './product.repository.js';
import { toProductView, toVariantView } from './product.view.js';

/** Products and variants as the API shows them, joined with what can be sold at this moment: two queries for any number. */
@Injectable()
export class ProductViews {
  constructor(
    private readonly products: ProductRepository,
    private readonly stocks: StockRepository,
    private readonly staff: MerchantStaff,
    private readonly clock: Clock,
  ) {}

  async byIds(ids: readonly string[], caller: Caller | null): Promise<ProductView[]> {
    return this.of(await this.visible(await this.products.pages(ids), caller));
  }

  async variantsByIds(ids: readonly string[], caller: Caller | null): Promise<VariantView[]> {
    const cards = await this.visible(await this.products.cardsOfVariants(ids), caller);
    const stocks = byId(await this.stocks.findMany(ids));
    const asked = new Set(ids);
    return cards.flatMap((card) =>
      card.state.variants
        .filter(({ id }) => asked.has(id))
        .map((variant) => toVariantView(card, variant, this.available(variant, stocks))),
    );
  }

  async of(products: readonly Stored<Product>[]): Promise<ProductView[]> {
    const stocks = byId(await this.stocks.ofProducts(products.map(({ id }) => id)));
    return products.map((product) => {
      const { variants } = product.state;
      return toProductView(
        product,
        variants.map((variant) => toVariantView(product, variant, this.available(variant, stocks))),
      );
    });
  }

  async one(product: Stored<Product>): Promise<ProductView> {
    const [view] = await this.of([product]);
    if (view === undefined) throw new Error(`no view of ${product.id}`);
    return view;
  }

  /** Of a product that has it. */
  async variant(product: Stored<ProductCard>, variantId: string): Promise<VariantView> {
    const variant = product.state.variants.find(({ id }) => id === variantId);
    if (variant === undefined) throw new Error(`${product.id} has no ${variantId}`);
    return toVariantView(product, variant, this.available(variant, byId(await this.stocks.findMany([variantId]))));
  }

  /** Drafts and archived ones are for the staff only. */
  async visible<Card extends ProductCard>(
    products: readonly Stored<Card>[],
    caller: Caller | null,
  ): Promise<Stored<Card>[]> {
    const hidden = products.filter(({ state }) => state.status !== 'ACTIVE').map(({ state }) => state.merchantId);
    const own = await this.staff.of(caller, hidden);
    return products.filter(({ state }) => state.status === 'ACTIVE' || own.has(state.merchantId));
  }

  /** Where the stock document is still to be made, nothing of the count can have been taken. */
  private available({ id, count }: Variant, stocks: ReadonlyMap<string, Stock>): number {
    const stock = stocks.get(id);
    return stock ? availableAt(stock, this.clock.now()) : count.onHand;
  }
}

const byId = (stocks: readonly Stored<Stock>[]): ReadonlyMap<string, Stock> =>
  new Map(stocks.map(({ id, state }) => [id, state]));
