import { ApiError, type ApiClient } from './api-client.js';

export interface KnownMerchant {
  id: string;
  currency: string;
}

/** The caller may not act for a merchant that exists. */
export class NotStaffError extends Error {
  readonly code = 'CLI.NOT_STAFF';
}

/** The caller's merchant of this handle, made where it is missing. Errors: NotStaffError, ApiError. */
export async function ensureMerchant(
  client: ApiClient,
  merchant: { handle: string; name: string; currency: string },
): Promise<KnownMerchant> {
  const { viewer } = await client.request<{ viewer: { merchants: (KnownMerchant & { handle: string })[] | null } }>(
    '{ viewer { merchants { id handle currency } } }',
  );
  const own = viewer.merchants?.find(({ handle }) => handle === merchant.handle);
  if (own) return own;
  const { createMerchant } = await client.request<{
    createMerchant: Partial<KnownMerchant> & { __typename: string; message?: string; code?: string };
  }>(
    `mutation Open($input: CreateMerchantInput!) { createMerchant(input: $input) {
      __typename ... on Merchant { id currency } ... on UserError { code message } } }`,
    { input: { ...merchant, clientMutationKey: `open-${merchant.handle}` } },
  );
  if (createMerchant.id && createMerchant.currency) return { id: createMerchant.id, currency: createMerchant.currency };
  if (createMerchant.__typename === 'HandleTaken') {
    throw new NotStaffError(
      `the merchant ${merchant.handle} is somebody else's: sign in as its staff with --email and --password`,
    );
  }
  throw new ApiError(createMerchant.message ?? 'the merchant could not be made', createMerchant.code ?? 'INTERNAL');
}
