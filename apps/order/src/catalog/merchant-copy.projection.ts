import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { InjectDatabase, ProjectionCollection } from '#persistence';

export interface MerchantCopy {
  _id: string;
  ownerAccountId: string;
}

@Injectable()
export class MerchantCopies extends ProjectionCollection<MerchantCopy> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'merchant_copies', indexes: [] });
  }

  async take(merchantId: string, ownerAccountId: string, version: number): Promise<void> {
    await this.applyIfNewer(merchantId, 'merchant', version, { $set: { ownerAccountId } });
  }

  /** Owner by merchant. */
  async owners(ids: readonly string[]): Promise<Map<string, string>> {
    const found = await this.model
      .find({ _id: { $in: [...ids] } })
      .lean<MerchantCopy[]>()
      .exec();
    return new Map(found.map(({ _id, ownerAccountId }) => [_id, ownerAccountId]));
  }
}
