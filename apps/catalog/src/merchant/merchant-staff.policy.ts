import { Injectable } from '@nestjs/common';
import type { Stored } from '#persistence';
import type { Caller } from '#service-kit';
import type { Merchant } from './merchant.js';
import { MerchantRepository } from './merchant.repository.js';

/** Who is on a merchant's staff: its owner, and whom the token grants it. Never whom an argument names. */
@Injectable()
export class MerchantStaff {
  constructor(private readonly merchants: MerchantRepository) {}

  isOn(caller: Caller, { id, state }: Stored<Merchant>): boolean {
    return caller.merchantIds.includes(id) || state.ownerAccountId === caller.accountId;
  }

  /** Those of the merchants on whose staff the caller is. */
  async of(caller: Caller | null, merchantIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (caller === null || merchantIds.length === 0) return new Set();
    const unclear = [...new Set(merchantIds)].filter((id) => !caller.merchantIds.includes(id));
    const found = unclear.length > 0 ? await this.merchants.findMany(unclear) : [];
    const owned = found.filter((merchant) => this.isOn(caller, merchant)).map(({ id }) => id);
    return new Set([...merchantIds.filter((id) => caller.merchantIds.includes(id)), ...owned]);
  }

  async has(caller: Caller, merchantId: string): Promise<boolean> {
    return (await this.of(caller, [merchantId])).has(merchantId);
  }
}
