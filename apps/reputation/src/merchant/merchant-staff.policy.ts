import { Injectable } from '@nestjs/common';
import { MerchantsByIds } from '#contracts';
import { OperationClient, type Caller } from '#service-kit';
import { MerchantOwners } from './merchant-owners.projection.js';

/** Who speaks for a merchant: its owner, and whom a grant in the token names. */
@Injectable()
export class MerchantStaff {
  constructor(
    private readonly owners: MerchantOwners,
    private readonly client: OperationClient,
  ) {}

  /** Errors: ServiceUnavailableError when the merchant is not known here yet and the catalog can't be asked. */
  async includes(caller: Caller, merchantId: string): Promise<boolean> {
    if (caller.merchantIds.includes(merchantId)) return true;
    const ownerId = (await this.owners.ownerOf(merchantId)) ?? (await this.ask(merchantId));
    return ownerId === caller.accountId;
  }

  private async ask(merchantId: string): Promise<string | undefined> {
    const [merchant] = await this.client.call(MerchantsByIds, { ids: [merchantId] });
    return merchant?.ownerAccountId;
  }
}
