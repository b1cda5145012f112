import { Injectable } from '@nestjs/common';
import type { Connection, QueryFilter } from 'mongoose';
import {
  AggregateRepository,
  InjectDatabase,
  type AggregateDocument,
  type FindOptions,
  type Stored,
} from '#persistence';
import type { Product } from './product.js';
import { searchKeys } from './search-keys.js';

/** With what it is found under. */
export type StoredProduct = Product & { readonly keys: readonly string[]; readonly prices: readonly number[] };

export const findable = (product: Product): StoredProduct => ({
  ...product,
  keys: searchKeys(product),
  prices: [...new Set(product.variants.map(({ price }) => price.amountMinor))],
});

/** A product without what only its own page shows: of hundreds of variants, that would be much. */
export type ProductCard = Pick<Product, 'merchantId' | 'title' | 'status' | 'images' | 'variants'>;

export interface ProductSearch {
  readonly keys: readonly string[];
  /** Of one of its variants, in minor units. */
  readonly prices?: { readonly $gte?: number; readonly $lte?: number };
}

const matching = ({ keys, prices }: ProductSearch): object => ({
  keys: keys.length === 1 ? keys[0] : { $all: [...keys] },
  ...(prices ? { prices: { $elemMatch: prices } } : {}),
});

@Injectable()
export class ProductRepository extends AggregateRepository<StoredProduct> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, {
      name: 'products',
      indexes: [
        [{ merchantId: 1, externalKey: 1 }, { unique: true }],
        [{ merchantId: 1, handle: 1 }, { unique: true }],
        [{ 'variants.id': 1 }],
        [{ keys: 1, _id: -1 }],
      ],
    });
  }

  async findByExternalKey(merchantId: string, externalKey: string): Promise<Stored<StoredProduct> | undefined> {
    return (await this.findWhere({ merchantId, externalKey }, { limit: 1 }))[0];
  }

  /** Those of the handles that products of the merchant have. */
  async handlesTaken(merchantId: string, handles: readonly string[]): Promise<ReadonlySet<string>> {
    const filter = { merchantId, handle: { $in: [...handles] } } as QueryFilter<AggregateDocument<StoredProduct>>;
    const found = await this.model.find(filter, { handle: 1 }).lean<{ handle: string }[]>().exec();
    return new Set(found.map(({ handle }) => handle));
  }

  /** Those that exist of these ids, in any order, without what they are found under. */
  pages(ids: readonly string[]): Promise<Stored<Product>[]> {
    return this.findPages({ _id: { $in: [...ids] } });
  }

  cards(ids: readonly string[]): Promise<Stored<ProductCard>[]> {
    return this.findCards({ _id: { $in: [...ids] } });
  }

  /** The products that these are variants of. */
  cardsOfVariants(variantIds: readonly string[]): Promise<Stored<ProductCard>[]> {
    return this.findCards({ 'variants.id': { $in: [...variantIds] } });
  }

  /** Newest first. */
  search(search: ProductSearch, below: string | undefined, limit: number): Promise<Stored<Product>[]> {
    const filter = { ...matching(search), ...(below === undefined ? {} : { _id: { $lt: below } }) };
    return this.findPages(filter, { sort: { _id: -1 }, limit });
  }

  /** How many there are, `most` at most. */
  count(search: ProductSearch, most: number): Promise<number> {
    return this.driverCollection().countDocuments(matching(search), { limit: most });
  }

  private async findPages(filter: object, options: FindOptions = {}): Promise<Stored<Product>[]> {
    const where = filter as QueryFilter<AggregateDocument<StoredProduct>>;
    const without = { outbox: 0, outboxAt: 0, commands: 0, rev: 0, keys: 0, prices: 0 };
    const query = this.model.find(where, without, { ...options });
    const found = await query.lean<AggregateDocument<Product>[]>().exec();
    return found.map(({ _id, v, ...state }) => ({ id: _id, version: v, state }));
  }

  private async findCards(filter: object): Promise<Stored<ProductCard>[]> {
    const projection = { v: 1, merchantId: 1, title: 1, status: 1, images: 1, variants: 1 };
    const cards = this.driverCollection<ProductCard & { _id: string; v: number }>();
    const found = await cards.find(filter, { projection }).toArray();
    return found.map(({ _id, v, ...state }) => ({ id: _id, version: v, state }));
  }
}
