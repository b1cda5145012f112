import { Injectable } from '@nestjs/common';
import type { CountProducts, InputOf, OutputOf, ProductView, SearchProducts } from '#contracts';
import { placeOf, toPage } from '#persistence';
import { ProductRepository, type ProductSearch } from './product.repository.js';
import { ProductViews } from './product.query.js';
import { wantedKeys } from './search-keys.js';

type Input = InputOf<typeof SearchProducts>;
type Wanted = InputOf<typeof CountProducts>;

const MOST_AT_ONCE = 200;
const MOST_COUNTED = 1_000;

@Injectable()
export class ProductSearchQuery {
  constructor(
    private readonly products: ProductRepository,
    private readonly views: ProductViews,
  ) {}

  async run({ query, filter, first, after }: Input): Promise<OutputOf<typeof SearchProducts>> {
    const list = `products ${JSON.stringify([query ?? '', filter ?? {}])}`;
    const below = placeOf(list, after);
    const search = searchOf({ query, filter });
    const found = search ? await this.find(search, filter?.inStock ?? undefined, below, first + 1) : [];
    return toPage(
      list,
      first,
      found.map((node) => ({ place: node.id, node })),
    );
  }

  async count(wanted: Wanted): Promise<OutputOf<typeof CountProducts>> {
    if (typeof wanted.filter?.inStock === 'boolean') return null;
    const search = searchOf(wanted);
    const count = search ? await this.products.count(search, MOST_COUNTED + 1) : 0;
    return count > MOST_COUNTED ? null : count;
  }

  /**
   * What is in stock is known by the stock documents alone, as of now: products are read on, in larger and larger steps,
   * until enough of them have (or have not) something to sell.
   */
  private async find(
    search: ProductSearch,
    inStock: boolean | undefined,
    after: string | undefined,
    wanted: number,
  ): Promise<ProductView[]> {
    const found: ProductView[] = [];
    let below = after;
    for (let step = wanted; ; step = Math.min(step * 2, MOST_AT_ONCE)) {
      const products = await this.products.search(search, below, step);
      const views = await this.views.of(products);
      found.push(...views.filter((view) => inStock === undefined || isInStock(view) === inStock));
      if (found.length >= wanted || products.length < step) return found.slice(0, wanted);
      below = products.at(-1)?.id;
    }
  }
}

/** Null: nothing can match. */
function searchOf({ query, filter }: Wanted): ProductSearch | null {
  const keys = wantedKeys(query, filter);
  return keys && { keys, ...pricesOf(filter) };
}

const isInStock = ({ variants }: ProductView): boolean => variants.some(({ available }) => available > 0);

function pricesOf(filter: Input['filter']): Pick<ProductSearch, 'prices'> {
  const { priceFrom, priceTo } = filter ?? {};
  const from = priceFrom === null || priceFrom === undefined ? {} : { $gte: priceFrom };
  const to = priceTo === null || priceTo === undefined ? {} : { $lte: priceTo };
  return 'from' in from || Object.keys({ ...from, ...to }).length > 0 ? { prices: { ...from, ...to } } : {};
}
