import { z } from 'zod';
import { addTo, compareLists, newestFirst } from './lists.js';
import { histories, type Check, type Recording } from './recording.js';

const Post = z.object({
  postId: z.string(),
  authorId: z.string(),
  text: z.string(),
  productTags: z.array(z.object({ productId: z.string() })),
});

export interface PostTold {
  readonly postId: string;
  readonly authorId: string;
  readonly text: string;
  /** Of the products that it tags, each once. */
  readonly productIds: readonly string[];
}

/** The posts that are there: published, and not taken back. */
export function postsTold(recording: Recording): PostTold[] {
  return [...histories(recording, 'social.post.v1').values()].flatMap((history) => {
    const [first] = history;
    if (first?.type !== 'post.published' || history.some(({ type }) => type === 'post.deleted')) return [];
    const { productTags, ...post } = Post.parse(JSON.parse(first.value));
    return [{ ...post, productIds: [...new Set(productTags.map(({ productId }) => productId))] }];
  });
}

/** Each post is there with what its author said, and in the lists of its author and of the products that it tags. */
export const checkPosts: Check = (recording) => {
  const { posts, people, products } = recording.shown;
  const told = postsTold(recording);
  const shown = new Map(posts.map((post) => [post.postId, post]));
  const [byAuthor, byProduct] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const { postId, authorId, productIds } of told) {
    addTo(byAuthor, authorId, postId);
    for (const productId of productIds) addTo(byProduct, productId, postId);
  }
  const listed = (what: string, list: readonly string[], due: readonly string[] = []): string[] =>
    compareLists(what, list, newestFirst(due));
  return [
    ...compareLists('the posts', newestFirst(shown.keys()), newestFirst(told.map(({ postId }) => postId))),
    ...told.flatMap((post) => differences(post, shown.get(post.postId))),
    ...people.flatMap((one) => listed(`posts of ${one.profileId}`, one.posts, byAuthor.get(one.profileId))),
    ...products.flatMap((one) => listed(`posts about ${one.productId}`, one.posts, byProduct.get(one.productId))),
  ];
};

function differences(told: PostTold, shown: PostTold | undefined): string[] {
  if (shown === undefined) return [];
  const isSame =
    shown.authorId === told.authorId &&
    shown.text === told.text &&
    [...new Set(shown.productIds)].join() === told.productIds.join();
  return isSame ? [] : [`${told.postId} is not shown as it was published`];
}
