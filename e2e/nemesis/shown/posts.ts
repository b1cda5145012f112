import type { Api } from '../../support/api.js';
import type { CommentShown, PostShown } from '../checker/shown.js';
import { page, type Authored, type Connection, type Id, type Reading } from './pages.js';

interface PostAnswer extends Authored {
  readonly productTags: readonly { readonly productId: string }[];
  readonly reactions: readonly { readonly kind: string; readonly count: number }[];
  readonly commentCount: number;
  readonly comments: Connection<Id & Authored>;
}

const POST = `query($id: ID!, $first: Int, $after: String) { post(id: $id) {
  author { id } text productTags { productId } reactions { kind count } commentCount
  comments(first: $first, after: $after) ${page('id text author { id }')}
} }`;

/** Nothing where the post is not there. */
export async function postShown(api: Api, reading: Reading, postId: string): Promise<PostShown[]> {
  type Data = { readonly post: PostAnswer | null };
  const { post } = await reading.ask<Data>(api, POST, { id: postId });
  if (!post) return [];
  const listing = { query: POST, variables: { id: postId }, in: (data: Data) => data.post?.comments };
  const comments = await reading.all(api, listing, post.comments);
  return [
    {
      postId,
      authorId: post.author?.id ?? '',
      text: post.text,
      productIds: post.productTags.map(({ productId }) => productId),
      reactions: Object.fromEntries(post.reactions.map(({ kind, count }) => [kind, count])),
      commentCount: post.commentCount,
      comments: comments.map(({ id, author, text }): CommentShown => ({
        commentId: id,
        authorId: author?.id ?? '',
        text,
      })),
    },
  ];
}
