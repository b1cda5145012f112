import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AccountCreated,
  AwaitProfile,
  FollowedBy,
  FollowersOf,
  ProfileByHandle,
  ProfileCreated,
  ProfilesByIds,
  SearchProfiles,
  typeIds,
  UpdateProfile,
} from '#contracts';
import { eventually } from '#testing';
import { SocialFeedWorld } from './social-feed.world.js';

let world: SocialFeedWorld;
beforeAll(async () => {
  world = await SocialFeedWorld.start();
});
afterAll(async () => {
  await world?.stop();
});

const namesFor = async (query: string) =>
  (await world.as(null, SearchProfiles, { query, first: 50 })).items.map(({ node }) => node.name);

describe('profiles', () => {
  test('one is made of each account, once, however often the event comes', async () => {
    const captured = await world.capture(ProfileCreated);
    const { accountId, profileId } = await world.identity.signIn();
    const data = { accountId, profileId, name: 'Twice', handle: 'twice' };
    const event = await world.events.publish(AccountCreated, data, { subject: accountId });
    await world.events.repeat(AccountCreated, event);
    const profile = await world.as(null, AwaitProfile, { id: profileId, waitMs: 10_000 });
    expect(profile).toMatchObject({ id: profileId, accountId, name: 'Twice', handle: 'twice', followerCount: 0 });
    expect(await world.as(null, ProfileByHandle, { handle: 'TWICE' })).toEqual(profile);
    await world.events.untilRead('social-feed.profiles', [AccountCreated]);
    await world.people('After');
    await eventually(() => expect(captured.of(ProfileCreated).length).toBeGreaterThanOrEqual(2));
    expect(captured.of(ProfileCreated).filter(({ subject }) => subject === profileId)).toHaveLength(1);
  });

  test('waiting for one answers as soon as it is there, and with null when it does not come', async () => {
    const { accountId, profileId } = await world.identity.signIn();
    const waiting = world.as(null, AwaitProfile, { id: profileId, waitMs: 10_000 });
    await world.events.publish(
      AccountCreated,
      { accountId, profileId, name: 'Late', handle: 'late' },
      { subject: accountId },
    );
    expect(await waiting).toMatchObject({ name: 'Late' });
    expect(await world.as(null, AwaitProfile, { id: typeIds.next('profile'), waitMs: 50 })).toBeNull();
  });

  test('are found by the beginnings of their words, in every script', async () => {
    await world.people('Zoë Ångström', '山田 花子', 'Зоя Петрова', 'زهراء حسن', '👩🏽‍🚀 Rocket');
    expect(await namesFor('zoe ang')).toEqual(['Zoë Ångström']);
    expect(await namesFor('花子')).toEqual(['山田 花子']);
    expect(await namesFor('петр')).toEqual(['Зоя Петрова']);
    expect(await namesFor('حس')).toEqual(['زهراء حسن']);
    expect(await namesFor('rocket')).toEqual(['👩🏽‍🚀 Rocket']);
    expect(await namesFor('zoe rocket')).toEqual([]);
    expect(await namesFor('👩🏽‍🚀')).toEqual([]);
    expect(await namesFor('')).toEqual([]);
  });

  test('are found under a new name after a change, and no longer under the old one', async () => {
    const [person] = await world.people('Oldname');
    if (!person) throw new Error('nobody');
    const key = { clientMutationKey: 'rename' };
    const result = await world.as(person, UpdateProfile, { ...key, name: 'Newname', bio: '灯 and lamps' });
    expect(result).toMatchObject({ __typename: 'Profile', name: 'Newname', bio: '灯 and lamps' });
    expect(await namesFor('oldname')).not.toContain('Oldname');
    expect(await namesFor('newname')).toContain('Newname');
    expect(await world.as(person, UpdateProfile, { name: ' ' })).toMatchObject({ __typename: 'InvalidInput' });
    expect(await world.as(person, UpdateProfile, { avatarUrl: 'javascript:alert(1)' })).toMatchObject({
      __typename: 'InvalidInput',
    });
  });

  test('of unknown and malformed ids are left out', async () => {
    expect(
      await world.as(null, ProfilesByIds, { ids: [typeIds.next('profile'), '', "'; $where", 'x'.repeat(200)] }),
    ).toEqual([]);
  });
});

describe('following', () => {
  test('is counted, listed newest first, and undone', async () => {
    const [ana, ben, cleo] = await world.people('Ana', 'Ben', 'Cleo');
    if (!ana || !ben || !cleo) throw new Error('nobody');
    await world.follow(ana, cleo);
    expect(await world.follow(ben, cleo)).toMatchObject({ followerCount: 2, viewerFollows: true });
    await world.follow(ben, ana);
    const followers = await world.as(ana, FollowersOf, { profileId: cleo.profileId, first: 10 });
    expect(followers.items.map(({ node }) => node.id)).toEqual([ben.profileId, ana.profileId]);
    expect(followers.items.map(({ node }) => node.viewerFollows)).toEqual([false, false]);
    const page = await world.as(null, FollowedBy, { profileId: ben.profileId, first: 1 });
    expect(page.items.map(({ node }) => [node.id, node.viewerFollows])).toEqual([[ana.profileId, null]]);
    expect(page.hasNextPage).toBe(true);
    const after = page.items[0]?.cursor;
    const rest = await world.as(null, FollowedBy, { profileId: ben.profileId, first: 1, after });
    expect([rest.items.map(({ node }) => node.id), rest.hasNextPage]).toEqual([[cleo.profileId], false]);
    expect(await world.unfollow(ben, cleo)).toMatchObject({ followerCount: 1, viewerFollows: false });
    expect(await world.counts(ben)).toEqual({ followers: 0, following: 1 });
  });

  test('oneself, or nobody who is there, is refused', async () => {
    const [ana] = await world.people('Ana');
    if (!ana) throw new Error('nobody');
    expect(await world.follow(ana, ana)).toMatchObject({ __typename: 'SelfFollow' });
    const stranger = await world.identity.signIn();
    expect(await world.follow(ana, stranger)).toMatchObject({ __typename: 'NotFound', type: 'Profile' });
    expect(await world.unfollow(ana, stranger)).toMatchObject({ __typename: 'NotFound' });
  });

  test('a cursor of another list is refused', async () => {
    const [ana, ben] = await world.people('Ana', 'Ben');
    if (!ana || !ben) throw new Error('nobody');
    await world.follow(ana, ben);
    const { items } = await world.as(null, FollowersOf, { profileId: ben.profileId, first: 1 });
    const ask = world.as(null, FollowedBy, { profileId: ana.profileId, first: 1, after: items[0]?.cursor });
    await expect(ask).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('by 50 at once, several times each, is counted exactly', async () => {
    const [star] = await world.people('Star');
    const fans = await world.people(...Array.from({ length: 50 }, (_, n) => `Fan ${n}`));
    if (!star) throw new Error('nobody');
    await Promise.all([...fans, ...fans].map((fan) => world.follow(fan, star)));
    expect(await world.counts(star)).toEqual({ followers: 50, following: 0 });
    await Promise.all(fans.slice(0, 20).flatMap((fan) => [world.unfollow(fan, star), world.unfollow(fan, star)]));
    expect(await world.counts(star)).toEqual({ followers: 30, following: 0 });
    await Promise.all(fans.map((fan, index) => (index % 2 ? world.follow(fan, star) : world.unfollow(fan, star))));
    expect(await world.counts(star)).toEqual({ followers: 25, following: 0 });
  });
});

test('every query so far is answered by an index', async () => {
  await world.queries.explainAll(await world.connect());
});
