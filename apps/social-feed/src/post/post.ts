import { event, PostDeleted, PostPublished, type MediaView, type NewEvent, type ProductTagView } from '#contracts';

/** A post keeps the ids of what it points at, never a copied price. */
export interface Post {
  readonly authorId: string;
  readonly text: string;
  readonly media: MediaView[];
  readonly productTags: ProductTagView[];
  /** Each product that is tagged, once: what posts are found by. */
  readonly productIds: string[];
  readonly createdAt: Date;
  readonly deleted: boolean;
}

export interface NewPost {
  readonly authorId: string;
  readonly text: string;
  readonly media: readonly MediaView[];
  readonly productTags: readonly ProductTagView[];
}

export function publishPost(postId: string, post: NewPost, at: Date): { state: Post; events: NewEvent[] } {
  const media = post.media.map(({ url, alt, kind }) => ({ url, alt: alt ?? null, kind }));
  const productTags = post.productTags.map(({ productId, variantId }) => ({ productId, variantId: variantId ?? null }));
  const state: Post = {
    authorId: post.authorId,
    text: post.text,
    media,
    productTags,
    productIds: [...new Set(productTags.map(({ productId }) => productId))],
    createdAt: at,
    deleted: false,
  };
  const createdAt = at.toISOString();
  const data = { postId, authorId: post.authorId, text: post.text, media, productTags, createdAt };
  return { state, events: [event(PostPublished, data, post.authorId)] };
}

export function takePostBack(postId: string, post: Post): { state?: Post; events?: NewEvent[] } {
  if (post.deleted) return {};
  return {
    state: { ...post, deleted: true },
    events: [event(PostDeleted, { postId, authorId: post.authorId }, post.authorId)],
  };
}
