import type { AccountRole } from '#contracts';

/** Who asks, as a verified access token says. */
export interface Caller {
  readonly accountId: string;
  readonly profileId: string;
  readonly roles: readonly AccountRole[];
  /** Staff grants. The owner of a merchant has none for it: ownership is the catalog's to know. */
  readonly merchantIds: readonly string[];
  readonly sessionId: string;
}

export const isPlatform = (caller: Caller | null): boolean => caller?.roles.includes('platform') ?? false;
