import type { Api } from '../../support/api.js';
import type { Person } from '../../support/people.js';
import type { FeedEntryShown, PersonShown, ReaderShown } from '../checker/shown.js';
import { page, type Connection, type Id, type Reading } from './pages.js';

type List = (typeof LISTS)[number];
interface ProfileAnswer extends Readonly<Record<List, Connection<Id>>> {
  readonly name: string;
  readonly followerCount: number;
  readonly followingCount: number;
}

const LISTS = ['followers', 'following', 'posts'] as const;
const PROFILE = `query($id: ID!, $first: Int) { profile(id: $id) {
  name followerCount followingCount ${LISTS.map((list) => `${list}(first: $first) ${page('id')}`).join(' ')}
} }`;
const listOf = (list: List): string =>
  `query($id: ID!, $first: Int, $after: String) { profile(id: $id) { ${list}(first: $first, after: $after) ${page('id')} } }`;

/** A person as anybody sees them. */
export async function personShown(api: Api, reading: Reading, profileId: string): Promise<PersonShown> {
  type Data = { readonly profile: ProfileAnswer | null };
  const { profile } = await reading.ask<Data>(api, PROFILE, { id: profileId });
  if (!profile) throw new Error(`${profileId} is not there`);
  const list = async (name: List): Promise<string[]> => {
    const listing = { query: listOf(name), variables: { id: profileId }, in: (data: Data) => data.profile?.[name] };
    return (await reading.all(api, listing, profile[name])).map(({ id }) => id);
  };
  const { name, followerCount, followingCount } = profile;
  const [followers, following, posts] = [await list('followers'), await list('following'), await list('posts')];
  return { profileId, name, followerCount, followingCount, followers, following, posts };
}

interface EntryAnswer {
  readonly post: Id & { readonly viewerReaction: string | null };
  readonly reason: string;
}
interface OwnAnswer {
  readonly homeFeed: Connection<EntryAnswer> | null;
  readonly orders: Connection<Id> | null;
}

const HOME = `query($first: Int, $after: String) { homeFeed(first: $first, after: $after) ${page('post { id viewerReaction } reason')} }`;
const ORDERS = `query($first: Int, $after: String) { orders(first: $first, after: $after) ${page('id')} }`;

/** What somebody finds who is signed in. */
export async function readerShown(reading: Reading, { api, profileId }: Person): Promise<ReaderShown> {
  const home = await reading.all(api, { query: HOME, in: ({ homeFeed }: OwnAnswer) => homeFeed });
  const orders = await reading.all(api, { query: ORDERS, in: (data: OwnAnswer) => data.orders });
  const feed = home.map(({ post, reason }): FeedEntryShown => ({
    postId: post.id,
    reason,
    reaction: post.viewerReaction,
  }));
  return { profileId, feed, orders: orders.map(({ id }) => id) };
}
