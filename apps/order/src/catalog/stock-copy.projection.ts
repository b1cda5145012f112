import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { StockLevel } from '#contracts';
import { InjectDatabase, ProjectionCollection, type NewerCopy } from '#persistence';

interface StockCopy {
  /** The variant's id. */
  _id: string;
  available: number;
}
/** Any event of a stock: each carries its level. */
export interface StockTold {
  readonly data: StockLevel;
  readonly version: number;
}

/** Of the last event alone, whatever its type. */
export const copyOfStock = ({ data, version }: StockTold): NewerCopy<Omit<StockCopy, '_id'>> => ({
  id: data.variantId,
  version,
  fields: { available: data.available },
});

/** What is left of each variant, as the catalog's events tell it. */
@Injectable()
export class StockCopies extends ProjectionCollection<StockCopy> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'stock_copies', indexes: [] });
  }

  async take(events: readonly StockTold[]): Promise<void> {
    await this.copyAllIfNewer('stock', events.map(copyOfStock));
  }

  /** By variant; what no count was heard of is missing. */
  async available(variantIds: readonly string[]): Promise<Map<string, number>> {
    const found = await this.model
      .find({ _id: { $in: [...variantIds] } })
      .lean<StockCopy[]>()
      .exec();
    return new Map(found.map(({ _id, available }) => [_id, available]));
  }
}
