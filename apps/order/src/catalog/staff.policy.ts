import { Injectable } from '@nestjs/common';
import { MerchantsByIds } from '#contracts';
import { OperationClient, ServiceUnavailableError, type Caller } from '#service-kit';
import { MerchantCopies } from './merchant-copy.projection.js';

/** Who is on a merchant's staff: its owner, and whom the token grants it. */
@Injectable()
export class Staff {
  constructor(
    private readonly merchants: MerchantCopies,
    private readonly client: OperationClient,
  ) {}

  /** Those of the merchants on whose staff the caller is. */
  async of(caller: Caller, merchantIds: readonly string[]): Promise<ReadonlySet<string>> {
    const unclear = [...new Set(merchantIds)].filter((id) => !caller.merchantIds.includes(id));
    const owners = unclear.length > 0 ? await this.ownersOf(unclear) : new Map<string, string>();
    const owned = unclear.filter((id) => owners.get(id) === caller.accountId);
    return new Set([...merchantIds.filter((id) => caller.merchantIds.includes(id)), ...owned]);
  }

  async has(caller: Caller, merchantId: string): Promise<boolean> {
    return (await this.of(caller, [merchantId])).has(merchantId);
  }

  /** An owner never changes, so only a merchant not heard of yet is asked for. */
  private async ownersOf(ids: readonly string[]): Promise<Map<string, string>> {
    const owners = await this.merchants.owners(ids);
    const missing = ids.filter((id) => !owners.has(id));
    if (missing.length === 0) return owners;
    const asked = await this.client.call(MerchantsByIds, { ids: missing }).catch((error: unknown) => {
      if (error instanceof ServiceUnavailableError) return [];
      throw error;
    });
    for (const { id, ownerAccountId } of asked) owners.set(id, ownerAccountId);
    return owners;
  }
}
