import { Comment, CreatePost, CreateShareLink, Follow, React, UpdateProfile } from '../mutations.js';
import { ORDERS, PEOPLE, POSTS, type DemoPost } from './content.js';
import { pictureOf, type Goods } from './shops.js';
import { atOnce, keyOf, named, type Cast } from './stage.js';

/** Codes of share links, by post. */
export type Shares = ReadonlyMap<string, string>;

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

/**
 * Publishes the posts one after the other, so that feeds show them in this order. What they lead to goes on in the
 * background, as `echoes`; share links are waited for.
 */
export async function post(cast: Cast, goods: Goods): Promise<{ shares: Shares; echoes: Promise<unknown> }> {
  const sharing: Promise<readonly [string, string]>[] = [];
  const echoes: Promise<void>[] = [];
  for (const draft of POSTS) {
    const postId = await publish(draft, cast, goods);
    echoes.push(echo(draft, postId, cast));
    if (ORDERS.some(({ through }) => through === draft.key)) sharing.push(share(draft, postId, cast, goods));
  }
  const echoed = Promise.all(echoes);
  return { shares: new Map(await Promise.all(sharing)), echoes: echoed };
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

/** Comments come in their order, reactions in any. */
async function echo({ key, comments, reactions }: DemoPost, postId: string, cast: Cast): Promise<void> {
  const reacting = atOnce(reactions, ([person, kind]) =>
    named(cast, person).client.mutate(React, { clientMutationKey: keyOf('reaction', key, person), postId, kind }),
  );
  for (const [index, [author, text]] of comments.entries()) {
    const clientMutationKey = keyOf('comment', key, String(index));
    await named(cast, author).client.mutate(Comment, { clientMutationKey, postId, text });
  }
  await reacting;
}

async function share(
  { key, author, products }: DemoPost,
  postId: string,
  cast: Cast,
  goods: Goods,
): Promise<readonly [string, string]> {
  const [product = ''] = products;
  const { code } = await named(cast, author).client.mutate(CreateShareLink, {
    clientMutationKey: keyOf('share', key),
    productId: named(goods, product).id,
    postId,
  });
  return [key, code];
}
