import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { EventOf, MerchantCreated } from '#contracts';
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

  async take(events: readonly EventOf<typeof MerchantCreated>[]): Promise<void> {
    const copies = events.map(({ version, data: { merchantId, ownerAccountId } }) => ({
      id: merchantId,
      version,
      fields: { ownerAccountId },
    }));
    await this.copyAllIfNewer('merchant', copies);
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
