import { event, MerchantCreated, type MerchantView, type NewEvent } from '#contracts';

/** Whoever sells. Owner and currency never change: others keep copies of them. */
export interface Merchant {
  readonly name: string;
  readonly handle: string;
  readonly currency: string;
  readonly ownerAccountId: string;
  readonly createdAt: Date;
}

export function openMerchant(
  merchantId: string,
  opening: { readonly name: string; readonly handle: string; readonly currency: string },
  ownerAccountId: string,
  at: Date,
): { state: Merchant; events: NewEvent[] } {
  const { name, handle, currency } = opening;
  const state: Merchant = { name, handle, currency, ownerAccountId, createdAt: at };
  return { state, events: [event(MerchantCreated, { merchantId, ownerAccountId, name, handle, currency })] };
}

export const toMerchantView = (id: string, merchant: Merchant): MerchantView => ({
  id,
  name: merchant.name,
  handle: merchant.handle,
  currency: merchant.currency,
  ownerAccountId: merchant.ownerAccountId,
  createdAt: merchant.createdAt.toISOString(),
});
