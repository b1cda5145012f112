import { Injectable } from '@nestjs/common';
import type { Connection, QueryFilter } from 'mongoose';
import { AggregateRepository, InjectDatabase, type AggregateDocument, type Stored } from '#persistence';
import type { Stock } from './stock.js';

/** By variant id. */
@Injectable()
export class StockRepository extends AggregateRepository<Stock> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, {
      name: 'stocks',
      indexes: [[{ productId: 1 }], [{ nextExpiryAt: 1 }], [{ endedSince: 1 }]],
    });
  }

  /** Those of all variants of the products. */
  async ofProducts(productIds: readonly string[]): Promise<Stored<Stock>[]> {
    if (productIds.length === 0) return [];
    return this.findWhere({ productId: { $in: [...productIds] } } as QueryFilter<AggregateDocument<Stock>>);
  }

  /** Up to which count each of the variants has come; those without a document are missing. */
  async countsTaken(variantIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const filter = { _id: { $in: [...variantIds] } } as QueryFilter<AggregateDocument<Stock>>;
    const found = await this.model.find(filter, { countSeq: 1 }).lean<{ _id: string; countSeq: number }[]>().exec();
    return new Map(found.map(({ _id, countSeq }) => [_id, countSeq]));
  }

  /** Those with a hold that has run out, the longest overdue first. */
  withDueHolds(now: Date, limit: number): Promise<Stored<Stock>[]> {
    return this.findWhere({ nextExpiryAt: { $gt: new Date(0), $lte: now } }, { sort: { nextExpiryAt: 1 }, limit });
  }

  /** Those with a hold that ended between the two moments, the earliest first. */
  withEndedHolds(after: Date, until: Date, limit: number): Promise<Stored<Stock>[]> {
    return this.findWhere({ endedSince: { $gt: after, $lte: until } }, { sort: { endedSince: 1 }, limit });
  }
}
