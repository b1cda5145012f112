import { z } from 'zod';
import { idOf } from './ids.js';

const HttpUrl = z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' }).max(2048);

export const ReactionKind = z.enum(['LIKE', 'LOVE', 'WANT']);
export const MediaKind = z.enum(['IMAGE', 'VIDEO']);
export const FeedReason = z.enum(['FOLLOWING', 'OWN']);
export const MediaView = z.object({ url: HttpUrl, alt: z.string().max(500).nullish(), kind: MediaKind });
export const AvatarUrl = HttpUrl;

export const ProfileView = z.object({
  id: idOf('profile'),
  accountId: idOf('account'),
  handle: z.string(),
  name: z.string(),
  bio: z.string().nullish(),
  avatarUrl: z.string().nullish(),
  followerCount: z.int().min(0),
  followingCount: z.int().min(0),
  /** Null when nobody is signed in. */
  viewerFollows: z.boolean().nullable(),
});

export const ProductTagView = z.object({ productId: idOf('product'), variantId: idOf('variant').nullish() });

export const PostView = z.object({
  id: idOf('post'),
  authorId: idOf('profile'),
  text: z.string(),
  media: z.array(MediaView),
  productTags: z.array(ProductTagView),
  createdAt: z.iso.datetime(),
  /** One entry for each kind with at least one reaction. */
  reactions: z.array(z.object({ kind: ReactionKind, count: z.int().min(1) })),
  viewerReaction: ReactionKind.nullish(),
  commentCount: z.int().min(0),
});

export const CommentView = z.object({
  id: idOf('comment'),
  postId: idOf('post'),
  authorId: idOf('profile'),
  text: z.string(),
  createdAt: z.iso.datetime(),
});

export const FeedItemView = z.object({ post: PostView, reason: FeedReason });

export const ShareLinkView = z.object({
  id: idOf('link'),
  code: z.string(),
  ownerId: idOf('profile'),
  productId: idOf('product'),
  postId: idOf('post').nullish(),
  createdAt: z.iso.datetime(),
  clicks: z.int().min(0),
  /** Orders that came through this link and were confirmed. */
  orders: z.int().min(0),
});

export type ReactionKind = z.infer<typeof ReactionKind>;
export type MediaView = z.infer<typeof MediaView>;
export type ProfileView = z.infer<typeof ProfileView>;
export type ProductTagView = z.infer<typeof ProductTagView>;
export type PostView = z.infer<typeof PostView>;
export type CommentView = z.infer<typeof CommentView>;
export type FeedItemView = z.infer<typeof FeedItemView>;
export type ShareLinkView = z.infer<typeof ShareLinkView>;
