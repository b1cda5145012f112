import { beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import type { JsonWebKeySetView } from '#contracts';
import { Clock } from './clock.js';
import { ServiceUnavailableError, UnauthenticatedError } from './service-errors.js';
import { tokenIssuer, TokenVerifier } from './token-verifier.js';

class FixedClock extends Clock {
  ms = Date.parse('2026-01-01T00:00:00Z');
  now(): Date {
    return new Date(this.ms);
  }
}
const ISSUER = tokenIssuer('');
const CLAIMS = {
  pid: 'profile_01m84gm0f0f25a4d8x22mf2yaw',
  sid: 'session_01m84gm0f0f25a4d8x22mf2yaw',
  roles: ['customer'],
  merchants: [],
};
const ACCOUNT = 'account_01m84gm0f0f25a4d8x22mf2yaw';

interface Signer {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly view: JsonWebKeySetView['keys'][number];
}
async function newSigner(kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty = '', crv = '', x = '', y = '' } = await exportJWK(publicKey);
  return { kid, privateKey, view: { kid, kty, crv, x, y, alg: 'ES256', use: 'sig' } };
}

describe('the verifier of access tokens', () => {
  let clock: FixedClock;
  let signer: Signer;
  let published: JsonWebKeySetView['keys'];
  let fetches: number;
  let identityIsUp: boolean;
  let verifier: TokenVerifier;

  beforeEach(async () => {
    clock = new FixedClock();
    signer = await newSigner('one');
    published = [signer.view];
    fetches = 0;
    identityIsUp = true;
    const fetchKeys = (): Promise<JsonWebKeySetView> => {
      fetches++;
      return identityIsUp ? Promise.resolve({ keys: published }) : Promise.reject(new ServiceUnavailableError('down'));
    };
    verifier = new TokenVerifier({ issuer: ISSUER, clock, fetchKeys });
  });

  const sign = (by: Signer, changes: { issuer?: string; livesMs?: number; claims?: object } = {}): Promise<string> =>
    new SignJWT({ ...CLAIMS, ...changes.claims })
      .setProtectedHeader({ alg: 'ES256', kid: by.kid })
      .setSubject(ACCOUNT)
      .setIssuer(changes.issuer ?? ISSUER)
      .setIssuedAt(clock.now())
      .setExpirationTime(new Date(clock.ms + (changes.livesMs ?? 900_000)))
      .sign(by.privateKey);

  test('tells who asks', async () => {
    const token = await sign(signer, { claims: { merchants: ['merchant_x'] } });
    expect(await verifier.verify(token)).toEqual({
      accountId: ACCOUNT,
      profileId: CLAIMS.pid,
      sessionId: CLAIMS.sid,
      roles: ['customer'],
      merchantIds: ['merchant_x'],
    });
  });

  test('asks identity once for many tokens at once', async () => {
    const tokens = await Promise.all([1, 2, 3, 4].map((livesMs) => sign(signer, { livesMs: livesMs * 100_000 })));
    await Promise.all(tokens.map((token) => verifier.verify(token)));
    expect(fetches).toBe(1);
  });

  test('refuses a token from the moment it expires, also one that it has seen', async () => {
    const token = await sign(signer);
    await verifier.verify(token);
    clock.ms += 900_000;
    await expect(verifier.verify(token)).rejects.toThrow('The access token has expired');
  });

  test('refuses forged tokens, those of others and those with a weaker algorithm', async () => {
    const forger = await newSigner('one');
    const good = await sign(signer);
    const [header, payload, signature = ''] = good.split('.');
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const bad = [
      await sign(forger),
      await sign(signer, { issuer: tokenIssuer('other') }),
      await sign(signer, { claims: { roles: ['god'] } }),
      new UnsecuredJWT(CLAIMS).setSubject(ACCOUNT).setIssuer(ISSUER).setExpirationTime('1h').encode(),
      await new SignJWT(CLAIMS)
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .setSubject(ACCOUNT)
        .setIssuer(ISSUER)
        .setExpirationTime(new Date(clock.ms + 900_000))
        .sign(new TextEncoder().encode(signer.view.x.padEnd(32))),
      `${header}.${payload}.${flipped}`,
      `${header}.${payload}`,
      'nonsense',
      'ä.ö.ü',
    ];
    for (const token of bad) await expect(verifier.verify(token)).rejects.toBeInstanceOf(UnauthenticatedError);
  });

  test('asks for keys again when a token has a new one', async () => {
    await verifier.verify(await sign(signer));
    const next = await newSigner('two');
    published = [next.view, signer.view];
    clock.ms += 10_001;
    await verifier.verify(await sign(next));
    expect(fetches).toBe(2);
  });

  test('does not ask for each token with an unknown key', async () => {
    await verifier.verify(await sign(signer));
    for (const kid of ['x', 'y', 'z'])
      await expect(verifier.verify(await sign({ ...signer, kid }))).rejects.toBeInstanceOf(UnauthenticatedError);
    expect(fetches).toBe(1);
  });

  test('goes on with the keys it has while identity is down', async () => {
    await verifier.verify(await sign(signer));
    identityIsUp = false;
    clock.ms += 3_600_000;
    await expect(verifier.verify(await sign(signer))).resolves.toHaveProperty('accountId', ACCOUNT);
  });

  test('can not tell when it has no key and identity is down', async () => {
    identityIsUp = false;
    await expect(verifier.verify(await sign(signer))).rejects.toBeInstanceOf(ServiceUnavailableError);
  });
});
