import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { InjectDatabase, ProjectionCollection } from '#persistence';

/** Who opened which merchant. */
@Injectable()
export class MerchantOwners extends ProjectionCollection<{ _id: string; ownerAccountId: string }> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'merchant-owners', indexes: [] });
  }

  async learn(merchantId: string, version: number, ownerAccountId: string): Promise<void> {
    await this.applyIfNewer(merchantId, 'merchant', version, { $set: { ownerAccountId } });
  }

  async ownerOf(merchantId: string): Promise<string | undefined> {
    const merchant = await this.model.findOne({ _id: merchantId }).lean().exec();
    return merchant?.ownerAccountId;
  }
}
