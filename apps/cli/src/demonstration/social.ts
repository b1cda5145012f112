import { Comment, CreatePost, CreateShareLink, Follow, React, UpdateProfile } from '../mutations.js';
import { inParallel } from '../parallel.js';
import { ORDERS, PEOPLE, POSTS, type DemoPost } from './content.js';
import { pictureOf, type Goods } from './shops.js';
import { atOnce, keyOf, named, type Cast } from './stage.js';

/** Codes of share links as they come, by post. */
export type Shares = ReadonlyMap<string, Promise<string>>;

/** Everybody introduces themselves and follows whom they know. */
export async function follow(cast: Cast): Promise<void> {
  await atOnce(PEOPLE, async ({ key, bio, follows }) => {
    const { client } = named(cast, key);
    const avatarUrl = pictureOf(key, '').url;
    await client.mutate(UpdateProfile, { clientMutationKey: keyOf('profile', key), bio, avatarUrl });
    await atOnce(follows, (other) => {
      const { profileId } = named(cast, other);
      return client.mutate(Follow, { clientMutationKey: keyOf('follow', key, other), profileId });
    });
  });
}

/** Publishes the posts, and what they lead to: `done` when all of it is there. */
export function post(cast: Cast, goods: Goods): { shares: Shares; done: Promise<unknown> } {
  const posts = POSTS.map((draft) => ({ draft, published: publish(draft, cast, goods) }));
  const shared = posts.filter(({ draft }) => ORDERS.some(({ through }) => through === draft.key));
  const shares = shared.map(
    ({ draft, published }) => [draft.key, published.then((postId) => share(draft, postId, cast, goods))] as const,
  );
  const echoes = posts.map(({ draft, published }) => published.then((postId) => echo(draft, postId, cast)));
  return { shares: new Map(shares), done: Promise.all([...shares.map(([, code]) => code), ...echoes]) };
}

async function publish({ key, author, text, products }: DemoPost, cast: Cast, goods: Goods): Promise<string> {
  const { id } = await named(cast, author).client.mutate(CreatePost, {
    clientMutationKey: keyOf('post', key),
    text,
    productTags: products.map((product) => ({ productId: named(goods, product).id })),
    media: [{ ...pictureOf(`post-${key}`, text), kind: 'IMAGE' }],
  });
  return id;
}

async function echo({ key, comments, reactions }: DemoPost, postId: string, cast: Cast): Promise<void> {
  const reacting = atOnce(reactions, ([person, kind]) =>
    named(cast, person).client.mutate(React, { clientMutationKey: keyOf('reaction', key, person), postId, kind }),
  );
  // Comments come in their order, reactions in any.
  const commenting = inParallel(comments, 1, async ([author, text], index) => {
    const clientMutationKey = keyOf('comment', key, String(index));
    await named(cast, author).client.mutate(Comment, { clientMutationKey, postId, text });
  });
  await Promise.all([reacting, commenting]);
}

async function share({ key, author, products }: DemoPost, postId: string, cast: Cast, goods: Goods): Promise<string> {
  const [product = ''] = products;
  const { code } = await named(cast, author).client.mutate(CreateShareLink, {
    clientMutationKey: keyOf('share', key),
    productId: named(goods, product).id,
    postId,
  });
  return code;
}
