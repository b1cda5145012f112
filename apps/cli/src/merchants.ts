import type { ApiClient } from './api-client.js';
import { RefusedError } from './api.errors.js';
import { CreateMerchant } from './mutations.js';
import { OwnMerchants } from './queries.js';

export interface KnownMerchant {
  id: string;
  currency: string;
}

/** The caller may not act for a merchant that exists. */
export class NotStaffError extends Error {
  readonly code = 'CLI.NOT_STAFF';
}

/** The caller's merchant of this handle, made where it is missing. Errors: NotStaffError, RefusedError, ApiError. */
export async function ensureMerchant(
  client: ApiClient,
  merchant: { handle: string; name: string; currency: string },
): Promise<KnownMerchant> {
  const { viewer } = await client.ask(OwnMerchants);
  const own = viewer?.merchants?.find(({ handle }) => handle === merchant.handle);
  if (own) return own;
  try {
    return await client.mutate(CreateMerchant, { ...merchant, clientMutationKey: `open-${merchant.handle}` });
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 'HANDLE_TAKEN') throw error;
    throw new NotStaffError(
      `the merchant ${merchant.handle} is somebody else's: sign in as its staff with --email and --password`,
    );
  }
}
