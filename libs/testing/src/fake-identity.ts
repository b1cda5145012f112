import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { typeIds, type AccountRole } from '#contracts';
import { TOKEN_ALGORITHM, tokenIssuer, type OperationHost } from '#service-kit';

/** Somebody with an account, and an access token as the identity service would sign it. */
export interface SignedIn {
  readonly accountId: string;
  readonly profileId: string;
  readonly token: string;
}

/** Stands in for the identity service where only its tokens matter. */
export interface FakeIdentity {
  /** To be registered as `identity`: answers `identity.jwks`. */
  readonly host: OperationHost;
  signIn(grants?: { readonly roles?: AccountRole[]; readonly merchantIds?: string[] }): Promise<SignedIn>;
}

/** @param namespace of the services that are to trust its tokens. */
export async function fakeIdentity(namespace: string): Promise<FakeIdentity> {
  const { privateKey, publicKey } = await generateKeyPair(TOKEN_ALGORITHM, { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'test', alg: TOKEN_ALGORITHM, use: 'sig' }];
  return {
    host: { dispatch: () => Promise.resolve({ keys }) },
    signIn: async ({ roles = ['customer'], merchantIds = [] } = {}) => {
      const accountId = typeIds.next('account');
      const profileId = typeIds.next('profile');
      const claims = { pid: profileId, sid: typeIds.next('session'), roles, merchants: merchantIds };
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid: 'test' })
        .setSubject(accountId)
        .setIssuer(tokenIssuer(namespace))
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey);
      return { accountId, profileId, token };
    },
  };
}
