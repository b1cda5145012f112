import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { AccountCreated, AccountsByIds, PersonHandle, typeIds, ViewerOfCaller } from '#contracts';
import { AccountRepository } from '../src/account/account.repository.js';
import { OpenPendingAccounts } from '../src/session/open-pending-accounts.handler.js';
import { UserRepository } from '../src/session/user.repository.js';
import { IdentityWorld, PASSWORD, sessionOf, soon } from './identity.world.js';

let world: IdentityWorld;
beforeAll(async () => {
  world = await IdentityWorld.start();
});
afterAll(async () => {
  await world?.stop();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const SWEPT_AFTER_MS = 10_001;

/** As when the process dies between better-auth's user and the account. */
const dieBeforeAccount = (): void => {
  jest.spyOn(world.service.get(AccountRepository), 'insert').mockRejectedValueOnce(new Error('killed'));
};
const sweep = (): Promise<number> => {
  world.clock.advance(SWEPT_AFTER_MS);
  return world.service.get(OpenPendingAccounts).sweep();
};

describe('signing up', () => {
  test('opens an account, publishes it, and signs in', async () => {
    const captured = await world.capture(AccountCreated);
    const { accessToken, refreshToken, viewer } = await world.newcomer({
      email: ' Cleo@Example.COM ',
      name: '  Cléo de\tMérode ',
      handle: 'Cleo-1',
    });
    expect(viewer).toEqual({
      id: expect.stringMatching(/^account_/),
      profileId: expect.stringMatching(/^profile_/),
      email: 'cleo@example.com',
      name: 'Cléo de Mérode',
      handle: 'cleo-1',
      roles: ['customer'],
      merchantIds: [],
    });
    expect(refreshToken).toMatch(/^[\w-]{43}$/);
    expect(await world.call(ViewerOfCaller, {}, accessToken)).toEqual(viewer);
    const { id, profileId, name, handle } = viewer;
    await soon(() => expect(captured.of(AccountCreated)).toHaveLength(1));
    expect(captured.of(AccountCreated)[0]).toMatchObject({
      subject: id,
      version: 1,
      data: { accountId: id, profileId, name, handle },
    });
  });

  test('stores neither password nor refresh token in the clear', async () => {
    const { viewer, refreshToken } = await world.newcomer();
    const [credential] = await world.database.collection('account').find({ userId: viewer.id }).toArray();
    const [session] = await world.database.collection('session').find({ userId: viewer.id }).toArray();
    expect(JSON.stringify(credential)).not.toContain(PASSWORD);
    expect(credential?.['password']).toMatch(/^[0-9a-f]{32}:[0-9a-f]{128}$/);
    expect(JSON.stringify(session)).not.toContain(refreshToken);
  });

  test('with a taken email or handle is told so, in any case of the letters', async () => {
    const { viewer } = await world.newcomer({ handle: 'taken' });
    expect(await world.signUp({ email: viewer.email.toUpperCase(), handle: 'free' })).toMatchObject({
      __typename: 'EmailTaken',
      code: 'EMAIL_TAKEN',
    });
    const email = world.newEmail();
    expect(await world.signUp({ email, handle: 'TAKEN' })).toMatchObject({ __typename: 'HandleTaken' });
    // Nothing is left of the try: the same person takes another.
    expect(await world.signUp({ email, handle: 'taken-2' })).toMatchObject({ __typename: 'Session' });
  });

  test.each([
    ['email', { email: 'nobody' }],
    ['email', { email: `${'x'.repeat(250)}@example.com` }],
    ['password', { password: 'short' }],
    ['password', { password: 'x'.repeat(129) }],
    ['name', { name: '  ' }],
    ['name', { name: '\u202e\u200b' }],
    ['name', { name: 'x'.repeat(121) }],
    ['handle', { handle: '-cleo' }],
    ['handle', { handle: 'cléo' }],
    ['handle', { handle: 'x'.repeat(31) }],
  ])('with a wrong %s is InvalidInput: %j', async (field, input) => {
    const result = await world.signUp(input);
    expect(result).toMatchObject({ __typename: 'InvalidInput', fields: [{ path: [field] }] });
  });

  test.each([
    ['王小明', 'person'],
    ['زهراء حسن', 'person'],
    ['Zoë Ångström', 'zoe-angstrom'],
    ['👩🏽‍🚀', 'person'],
    ['𝕮𝖑𝖊𝖔', 'cleo'],
    ['Z̷̢͎̈a̶l̴g̵o̷', 'zalgo'],
    ['\ud83d half', 'half'],
  ])('keeps a name of any script and makes a handle of it: %s', async (name, base) => {
    const { viewer } = await world.newcomer({ name });
    expect(viewer.name).not.toMatch(/\p{Cs}/u);
    expect(viewer.handle.startsWith(base)).toBe(true);
    expect(PersonHandle.parse(viewer.handle)).toBe(viewer.handle);
  });

  test('of many with one name at once gives each a handle of its own', async () => {
    const sessions = await Promise.all(Array.from({ length: 12 }, () => world.newcomer({ name: 'Popular' })));
    expect(new Set(sessions.map(({ viewer }) => viewer.handle)).size).toBe(12);
  });

  test('of one email at once makes one account', async () => {
    const email = world.newEmail();
    const results = await Promise.all(
      Array.from({ length: 5 }, (_, n) => world.signUp({ email, password: `${PASSWORD} ${n}` })),
    );
    expect(results.map(({ __typename }) => __typename).toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => 'EmailTaken'),
      'Session',
    ]);
    expect(await world.count('accounts', { email })).toBe(1);
    expect(await world.count('user', { email })).toBe(1);
  });

  test('again with the same key, email and password signs in to what it made', async () => {
    const email = world.newEmail();
    const input = { email, name: 'Twice', clientMutationKey: 'sign-up-1' };
    const first = await world.newcomer(input);
    const again = await world.newcomer(input);
    expect(again.viewer).toEqual(first.viewer);
    expect(await world.signUp({ ...input, password: 'another password' })).toMatchObject({ __typename: 'EmailTaken' });
    expect(await world.signUp({ ...input, clientMutationKey: 'other' })).toMatchObject({ __typename: 'EmailTaken' });
  });

  test('again while the first try is under way signs in to what that makes', async () => {
    const input = { email: world.newEmail(), handle: 'impatient', clientMutationKey: 'impatient' };
    const first = await world.newcomer(input);
    // It had looked for the email before the first try wrote it, and looks for the handle after that.
    jest.spyOn(world.service.get(UserRepository), 'findByEmail').mockResolvedValueOnce(null);
    expect(sessionOf(await world.signUp(input)).viewer).toEqual(first.viewer);
  });
});

describe('a sign-up that is cut off between user and account', () => {
  test('is finished by the sweeper, and published', async () => {
    const captured = await world.capture(AccountCreated);
    const email = world.newEmail();
    dieBeforeAccount();
    await expect(world.signUp({ email, handle: 'cut-off' })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await world.count('accounts', { email })).toBe(0);
    // The sign-up may be under way: the sweeper leaves it alone at first.
    expect(await world.service.get(OpenPendingAccounts).sweep()).toBe(0);
    expect(await sweep()).toBe(1);
    expect(await sweep()).toBe(0);
    const { viewer } = sessionOf(await world.signIn(email));
    expect(viewer).toMatchObject({ email, handle: 'cut-off' });
    await soon(() => expect(captured.of(AccountCreated).map(({ subject }) => subject)).toContain(viewer.id));
  });

  test('is finished by a service that starts later', async () => {
    const email = world.newEmail();
    dieBeforeAccount();
    await expect(world.signUp({ email })).rejects.toMatchObject({ code: 'INTERNAL' });
    world.clock.advance(SWEPT_AFTER_MS);
    await world.restart();
    await soon(async () => expect(await world.count('accounts', { email })).toBe(1));
  });

  test('is finished by who signs up again, under the new handle', async () => {
    const email = world.newEmail();
    dieBeforeAccount();
    await expect(world.signUp({ email, handle: 'first-choice' })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await world.signUp({ email, password: 'not hers at all' })).toMatchObject({ __typename: 'EmailTaken' });
    const { viewer } = await world.newcomer({ email, handle: 'second-choice' });
    expect(viewer.handle).toBe('second-choice');
    expect(await sweep()).toBe(0);
  });

  test('is finished by who signs in', async () => {
    const email = world.newEmail();
    dieBeforeAccount();
    await expect(world.signUp({ email })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(sessionOf(await world.signIn(email)).viewer.email).toBe(email);
    expect(await sweep()).toBe(0);
  });

  test('gets another handle when somebody took the one that it asked for', async () => {
    const email = world.newEmail();
    dieBeforeAccount();
    await expect(world.signUp({ email, name: 'Late', handle: 'contested' })).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    await world.newcomer({ handle: 'contested' });
    expect(await world.signUp({ email, handle: 'contested' })).toMatchObject({ __typename: 'HandleTaken' });
    expect(await sweep()).toBe(1);
    expect(sessionOf(await world.signIn(email)).viewer.handle).toBe('late');
  });

  test('is not in the way of others when its account can not be opened', async () => {
    const [stuck, next] = [world.newEmail(), world.newEmail()];
    for (const email of [stuck, next]) {
      dieBeforeAccount();
      await expect(world.signUp({ email })).rejects.toMatchObject({ code: 'INTERNAL' });
      world.clock.advance(1);
    }
    dieBeforeAccount();
    expect(await sweep()).toBe(1);
    expect(await world.count('accounts', { email: next })).toBe(1);
    expect(await sweep()).toBe(1);
    expect(await world.count('accounts', { email: stuck })).toBe(1);
  });

  test('between account and session has its account once', async () => {
    const email = world.newEmail();
    const input = { email, clientMutationKey: 'lost-answer' };
    const lost = await world.newcomer(input);
    await world.database.collection('user').updateOne({ email }, { $set: { accountPending: true } });
    expect(await sweep()).toBe(1);
    expect(sessionOf(await world.signUp(input)).viewer).toEqual(lost.viewer);
    expect(await world.count('accounts', { email })).toBe(1);
  });
});

describe('accounts', () => {
  test('are seen by those who are signed in, without the email', async () => {
    const [one, other] = [await world.newcomer(), await world.newcomer()];
    const ids = [other.viewer.id, typeIds.next('account'), '', "'; $where", '\u0000', 'x'.repeat(200)];
    const { id, profileId, name, handle } = other.viewer;
    expect(await world.call(AccountsByIds, { ids }, one.accessToken)).toEqual([{ id, profileId, name, handle }]);
    await expect(world.call(AccountsByIds, { ids })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

test('every query so far is answered by an index', async () => {
  await world.queries.explainAll(world.database);
});
