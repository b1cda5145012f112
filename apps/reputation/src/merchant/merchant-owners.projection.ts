import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { EventOf, MerchantCreated } from '#contracts';
import { InjectDatabase, ProjectionCollection } from '#persistence';

/** Who opened which merchant. */
@Injectable()
export class MerchantOwners extends ProjectionCollection<{ _id: string; ownerAccountId: string }> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'merchant-owners', indexes: [] });
  }

  async learn(events: readonly EventOf<typeof MerchantCreated>[]): Promise<void> {
    const copies = events.map(({ version, data: { merchantId, ownerAccountId } }) => ({
      id: merchantId,
      version,
      fields: { ownerAccountId },
    }));
    await this.copyAllIfNewer('merchant', copies);
  }

  async ownerOf(merchantId: string): Promise<string | undefined> {
    const merchant = await this.model.findOne({ _id: merchantId }).lean().exec();
    return merchant?.ownerAccountId;
  }
}
