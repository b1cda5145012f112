import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { AccessTokenClaims, Jwks, SignOut, ViewerOfCaller } from '#contracts';
import { TokenVerifier, tokenIssuer } from '#service-kit';
import { SigningKeyRepository } from '../src/session/signing-key.repository.js';
import { IdentityWorld, PASSWORD, sessionOf } from './identity.world.js';

let world: IdentityWorld;
beforeAll(async () => {
  world = await IdentityWorld.start({
    SIGN_IN_TRIES_PER_EMAIL: '3',
    SIGN_IN_TRIES_PER_ADDRESS: '5',
    ROTATE_KEYS_AFTER_DAYS: '30',
  });
});
afterAll(async () => {
  await world?.stop();
});

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const WRONG = { __typename: 'WrongCredentials', code: 'WRONG_CREDENTIALS' };

/** As gateway and services check tokens. */
const verifier = (): TokenVerifier =>
  new TokenVerifier({
    issuer: tokenIssuer(world.servers.namespace),
    clock: world.clock,
    fetchKeys: () => world.call(Jwks, {}),
  });

describe('signing in', () => {
  test('starts a session of its own each time', async () => {
    const { viewer, refreshToken } = await world.newcomer();
    const session = sessionOf(await world.signIn(` ${viewer.email.toUpperCase()} `));
    expect(session.viewer).toEqual(viewer);
    expect(session.refreshToken).not.toBe(refreshToken);
    expect(await world.refresh(refreshToken)).toMatchObject({ __typename: 'Session' });
  });

  test('has the same answer for a wrong password, an unknown email and odd text', async () => {
    const { viewer } = await world.newcomer();
    const wrong = await world.signIn(viewer.email, { password: 'not the password' });
    expect(wrong).toMatchObject(WRONG);
    expect(await world.signIn('nobody@example.com')).toEqual(wrong);
    for (const email of ['', '\u0000', '\ud800', '{"$ne":null}', '👩🏽‍🚀@例え.jp'])
      expect(await world.signIn(email, { password: '\u0000\ud800' })).toEqual(wrong);
  });

  test('takes a password that is typed in another form of Unicode', async () => {
    const { viewer } = await world.newcomer({ password: 'Cléo läuft 12' });
    const result = await world.signIn(viewer.email, { password: 'Cléo läuft 12'.normalize('NFD') });
    expect(result).toMatchObject({ __typename: 'Session' });
  });
});

describe('tries to sign in', () => {
  test('are limited for an email, also an unknown one, through a restart, until a quarter of an hour is over', async () => {
    const { viewer } = await world.newcomer();
    for (const email of [viewer.email, 'unknown@example.com'])
      for (let tries = 1; tries <= 3; tries++)
        expect(await world.signIn(email, { password: 'wrong password' })).toMatchObject(WRONG);
    await world.restart();
    await expect(world.signIn('unknown@example.com')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(world.signIn(viewer.email)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    world.clock.advance(15 * MINUTE_MS);
    expect(await world.signIn(viewer.email)).toMatchObject({ __typename: 'Session' });
  });

  test('that were right do not count', async () => {
    const { viewer } = await world.newcomer();
    for (let tries = 1; tries <= 8; tries++) {
      if (tries % 2) await world.signIn(viewer.email, { password: 'wrong password' });
      const result = await world.signIn(viewer.email, { clientAddress: '192.0.2.1' });
      expect(result).toMatchObject({ __typename: 'Session' });
    }
  });

  test('are limited for an address, which then uses up no email', async () => {
    const { viewer } = await world.newcomer();
    const clientAddress = '192.0.2.2';
    for (let tries = 1; tries <= 5; tries++) await world.signIn(world.newEmail(), { clientAddress });
    for (let tries = 1; tries <= 4; tries++)
      await expect(world.signIn(viewer.email, { clientAddress })).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(await world.signIn(viewer.email, { clientAddress: '192.0.2.3' })).toMatchObject({ __typename: 'Session' });
  });

  test('are limited when they come all at once', async () => {
    const { viewer } = await world.newcomer();
    const tries = Array.from({ length: 10 }, () => world.signIn(viewer.email, { password: 'wrong password' }));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });
});

describe('access tokens', () => {
  test('say who it is, and are checked by the published keys', async () => {
    const { accessToken, accessTokenExpiresAt, viewer } = await world.newcomer();
    const claims = AccessTokenClaims.parse(decodeJwt(accessToken));
    expect(claims).toMatchObject({ sub: viewer.id, pid: viewer.profileId, roles: ['customer'], merchants: [] });
    expect(claims.exp * 1000).toBe(Date.parse(accessTokenExpiresAt));
    expect(claims.exp - claims.iat).toBe(15 * 60);
    expect(await verifier().verify(accessToken)).toMatchObject({ accountId: viewer.id, profileId: viewer.profileId });
    const { keys } = await world.call(Jwks, {});
    expect(keys.every((key) => !('d' in key))).toBe(true);
  });

  test('are refused when they have expired, are forged, of another deployment, or no tokens', async () => {
    const { accessToken } = await world.newcomer();
    const [head, , signature] = accessToken.split('.');
    const body = Buffer.from(JSON.stringify({ ...decodeJwt(accessToken), roles: ['platform'] })).toString('base64url');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    const hmac = await new SignJWT(decodeJwt(accessToken))
      .setProtectedHeader({ alg: 'HS256', kid: decodeProtectedHeader(accessToken).kid ?? '' })
      .sign(Buffer.from('secret of the forger, long enough'));
    for (const token of [`${head}.${body}.${signature}`, none, hmac, 'x', '\u0000'])
      await expect(world.call(ViewerOfCaller, {}, token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(world.call(ViewerOfCaller, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    world.clock.advance(15 * MINUTE_MS);
    await expect(world.call(ViewerOfCaller, {}, accessToken)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The access token has expired',
    });
  });
});

describe('signing keys', () => {
  test('change with time, and tokens of the key before stay good for as long as they live', async () => {
    const { viewer } = await world.newcomer();
    const keyOf = async (): Promise<string | undefined> =>
      decodeProtectedHeader(sessionOf(await world.signIn(viewer.email)).accessToken).kid;
    const checks = verifier();
    const before = await keyOf();
    world.clock.advance(30 * DAY_MS);
    await world.service.get(SigningKeyRepository).rotateWhenDue();
    // The new one is published first: nobody sees a token of a key that it can't have heard of.
    const published = await world.call(Jwks, {});
    expect(published.keys.map(({ kid }) => kid)).toEqual([expect.not.stringMatching(before ?? ''), before]);
    expect(await keyOf()).toBe(before);
    const { accessToken: old } = sessionOf(await world.signIn(viewer.email));
    world.clock.advance(MINUTE_MS);
    const after = await keyOf();
    expect(after).toBe(published.keys[0]?.kid);
    world.clock.advance(13 * MINUTE_MS);
    expect(await checks.verify(old)).toMatchObject({ accountId: viewer.id });
    const { accessToken: fresh } = sessionOf(await world.signIn(viewer.email));
    expect(await checks.verify(fresh)).toMatchObject({ accountId: viewer.id });
    world.clock.advance(2 * MINUTE_MS);
    expect((await world.call(Jwks, {})).keys.map(({ kid }) => kid)).toEqual([after]);
  });

  test('outlive a restart', async () => {
    const { accessToken, viewer } = await world.newcomer();
    await world.restart();
    expect(await world.call(ViewerOfCaller, {}, accessToken)).toEqual(viewer);
  });
});

describe('refresh tokens', () => {
  test('are changed for a new one each time, in one session', async () => {
    const first = await world.newcomer();
    world.clock.advance(MINUTE_MS);
    const second = sessionOf(await world.refresh(first.refreshToken));
    const third = sessionOf(await world.refresh(second.refreshToken));
    expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3);
    const sessions = [first, second, third].map(({ accessToken }) => decodeJwt(accessToken)['sid']);
    expect(new Set(sessions).size).toBe(1);
    expect(await world.refresh(first.refreshToken)).toMatchObject(WRONG);
    expect(await world.refresh(third.refreshToken)).toMatchObject({ __typename: 'Session' });
  });

  test('give the same again for half a minute, for an answer that was lost or asked for twice at once', async () => {
    const { refreshToken } = await world.newcomer();
    const answers = await Promise.all([1, 2, 3].map(() => world.refresh(refreshToken)));
    world.clock.advance(MINUTE_MS / 2);
    answers.push(await world.refresh(refreshToken));
    const next = answers.map((answer) => sessionOf(answer).refreshToken);
    expect(new Set(next).size).toBe(1);
    expect(await world.refresh(next[0] ?? '')).toMatchObject({ __typename: 'Session' });
  });

  test('that come again later end the session: one of two has stolen it', async () => {
    const { refreshToken } = await world.newcomer();
    const next = sessionOf(await world.refresh(refreshToken));
    world.clock.advance(MINUTE_MS / 2 + 1);
    expect(await world.refresh(refreshToken)).toMatchObject(WRONG);
    expect(await world.refresh(next.refreshToken)).toMatchObject(WRONG);
  });

  test('live 30 days after their last use', async () => {
    const { refreshToken } = await world.newcomer();
    world.clock.advance(29 * DAY_MS);
    const next = sessionOf(await world.refresh(refreshToken));
    world.clock.advance(29 * DAY_MS);
    const last = sessionOf(await world.refresh(next.refreshToken));
    world.clock.advance(30 * DAY_MS);
    expect(await world.refresh(last.refreshToken)).toMatchObject(WRONG);
  });

  test.each(['', '\u0000', 'x', '👩🏽‍🚀', 'x'.repeat(1000)])('that nobody was given are refused: %j', async (token) => {
    expect(await world.refresh(token)).toMatchObject(WRONG);
  });

  test('are no longer good when the session was ended, and others are', async () => {
    const { viewer, accessToken, refreshToken } = await world.newcomer();
    const other = sessionOf(await world.signIn(viewer.email, { password: PASSWORD }));
    expect(await world.call(SignOut, {}, accessToken)).toEqual({ signedOut: true });
    expect(await world.call(SignOut, {}, accessToken)).toEqual({ signedOut: true });
    expect(await world.refresh(refreshToken)).toMatchObject(WRONG);
    expect(await world.refresh(other.refreshToken)).toMatchObject({ __typename: 'Session' });
    await expect(world.call(SignOut, {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

test('every query so far is answered by an index', async () => {
  await world.queries.explainAll(world.database);
});
