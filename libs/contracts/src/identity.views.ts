import { z } from 'zod';
import { idOf } from './ids.js';

/** `customer` is everyone; `platform` runs the place. Rights at a merchant are in `merchantIds`. */
export const AccountRole = z.enum(['customer', 'platform']);

/** An account as everybody may see it. */
export const AccountView = z.object({
  id: idOf('account'),
  profileId: idOf('profile'),
  name: z.string(),
  handle: z.string(),
});

/** An account as its owner sees it. */
export const ViewerView = AccountView.extend({
  email: z.string(),
  roles: z.array(AccountRole),
  /** Merchants that the account is on the staff of by a grant; the ones it owns are the catalog's to know. */
  merchantIds: z.array(idOf('merchant')),
});

export const SessionView = z.object({
  /** JWT, lives 15 minutes. */
  accessToken: z.string(),
  accessTokenExpiresAt: z.iso.datetime(),
  /** Opaque, lives 30 days, good for one refresh. */
  refreshToken: z.string(),
  viewer: ViewerView,
});

/** RFC 7517. Public keys only. */
export const JsonWebKeySetView = z.object({
  keys: z.array(
    z.object({
      kty: z.string(),
      kid: z.string(),
      alg: z.string(),
      use: z.string(),
      crv: z.string(),
      x: z.string(),
      y: z.string(),
    }),
  ),
});

/**
 * Claims of an access token. sub: account, pid: profile, sid: session, merchants: staff grants; with iss, iat and exp
 * (seconds) of RFC 7519.
 */
export const AccessTokenClaims = z.object({
  sub: idOf('account'),
  pid: idOf('profile'),
  sid: idOf('session'),
  roles: z.array(AccountRole),
  merchants: z.array(z.string()),
  iss: z.string(),
  iat: z.int(),
  exp: z.int(),
});

export type AccountRole = z.infer<typeof AccountRole>;
export type AccountView = z.infer<typeof AccountView>;
export type ViewerView = z.infer<typeof ViewerView>;
export type SessionView = z.infer<typeof SessionView>;
export type JsonWebKeySetView = z.infer<typeof JsonWebKeySetView>;
export type AccessTokenClaims = z.infer<typeof AccessTokenClaims>;
