import {
  Comment,
  CommentsOfPost,
  CreatePost,
  CreateShareLink,
  DeletePost,
  FollowedBy,
  FollowersOf,
  FollowProfile,
  HomeFeed,
  PostsByAuthor,
  PostsByProduct,
  ProfileByHandle,
  React,
  SearchProfiles,
  ShareLinkByCode,
  ShareLinksOfCaller,
  UnfollowProfile,
  Unreact,
  UpdateProfile,
  type CommentView,
  type PostView,
  type ProductTagView,
  type ProductView,
  type ProfileView,
  type ShareLinkView,
} from '#contracts';
import { BadInputError } from '#service-kit';
import type { RequestScope } from '../context/request-scope.js';
import { connectionOf, pageInput, type PageArgs } from '../graphql/connection.js';
import { command, type ResolverMap, type Root } from '../graphql/resolvers.js';
import { scopeOf, type ViewerSource } from '../identity/identity.resolver.js';

async function profile(
  _: Root,
  { id, handle }: { id?: string | null; handle?: string | null },
  scope: RequestScope,
): Promise<ProfileView | null> {
  if (id) return scope.loaders.profiles.load(id);
  if (handle) return scope.call(ProfileByHandle, { handle });
  throw new BadInputError('profile needs an id or a handle');
}

async function profiles(_: Root, args: PageArgs & { query: string }, scope: RequestScope) {
  return connectionOf(await scope.call(SearchProfiles, { ...pageInput(args), query: args.query }), args);
}

async function homeFeed(_: Root, args: PageArgs, scope: RequestScope) {
  const page = await scope.call(HomeFeed, pageInput(args));
  return connectionOf(page, args);
}

async function shareLinks(viewer: ViewerSource, args: PageArgs, scope: RequestScope) {
  return connectionOf(await scopeOf(viewer, scope).call(ShareLinksOfCaller, pageInput(args)), args);
}

const postsByAuthor = async ({ id }: ProfileView, args: PageArgs, scope: RequestScope) =>
  connectionOf(await scope.call(PostsByAuthor, { ...pageInput(args), profileId: id }), args);

const postsByProduct = async ({ id }: ProductView, args: PageArgs, scope: RequestScope) =>
  connectionOf(await scope.call(PostsByProduct, { ...pageInput(args), productId: id }), args);

const followers = async ({ id }: ProfileView, args: PageArgs, scope: RequestScope) =>
  connectionOf(await scope.call(FollowersOf, { ...pageInput(args), profileId: id }), args);

const following = async ({ id }: ProfileView, args: PageArgs, scope: RequestScope) =>
  connectionOf(await scope.call(FollowedBy, { ...pageInput(args), profileId: id }), args);

const comments = async ({ id }: PostView, args: PageArgs, scope: RequestScope) =>
  connectionOf(await scope.call(CommentsOfPost, { ...pageInput(args), postId: id }), args);

export const socialFeedResolvers: ResolverMap = {
  Query: {
    profile,
    profiles,
    post: (_: Root, { id }: { id: string }, { loaders }) => loaders.posts.load(id),
    homeFeed,
    shareLink: (_: Root, { code }: { code: string }, scope) => scope.call(ShareLinkByCode, { code }),
  },
  Profile: { posts: postsByAuthor, followers, following },
  Post: {
    author: ({ authorId }: PostView, _: unknown, { loaders }) => loaders.profiles.load(authorId),
    comments,
  },
  ProductTag: {
    product: ({ productId }: ProductTagView, _: unknown, { loaders }) => loaders.products.load(productId),
    variant: ({ variantId }: ProductTagView, _: unknown, { loaders }) =>
      variantId ? loaders.variants.load(variantId) : null,
  },
  Comment: {
    post: ({ postId }: CommentView, _: unknown, { loaders }) => loaders.posts.load(postId),
    author: ({ authorId }: CommentView, _: unknown, { loaders }) => loaders.profiles.load(authorId),
  },
  ShareLink: {
    url: ({ code }: ShareLinkView, _: unknown, { publicUrl }) => `${publicUrl}/s/${encodeURIComponent(code)}`,
    product: ({ productId }: ShareLinkView, _: unknown, { loaders }) => loaders.products.load(productId),
    post: ({ postId }: ShareLinkView, _: unknown, { loaders }) => (postId ? loaders.posts.load(postId) : null),
  },
  Product: { posts: postsByProduct },
  Viewer: {
    profile: (viewer: ViewerSource, _: unknown, scope) =>
      scopeOf(viewer, scope).loaders.profiles.load(viewer.profileId),
    shareLinks,
  },
  Mutation: {
    updateProfile: command(UpdateProfile),
    follow: command(FollowProfile),
    unfollow: command(UnfollowProfile),
    createPost: command(CreatePost),
    deletePost: command(DeletePost),
    react: command(React),
    unreact: command(Unreact),
    comment: command(Comment),
    createShareLink: command(CreateShareLink),
  },
};
