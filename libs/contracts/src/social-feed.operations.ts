import { z } from 'zod';
import { NamedId } from './ids.js';
import { ClientMutationKey, defineCommand, defineQuery } from './operation.js';
import { PageInput, pageOf } from './page.js';
import {
  AvatarUrl,
  CommentView,
  FeedItemView,
  MediaView,
  PostView,
  ProfileView,
  ReactionKind,
  ShareLinkView,
} from './social-feed.views.js';
import { IdempotencyConflict, InvalidInput, NotFound, resultOf, SelfFollow } from './user-errors.js';

const Ids = z.object({ ids: z.array(NamedId).max(500) });

// ---- queries

export const ProfilesByIds = defineQuery({
  name: 'social-feed.profilesByIds',
  access: 'anyone',
  description: 'The profiles that exist of these ids, in any order.',
  input: Ids,
  output: z.array(ProfileView),
});
export const ProfileByHandle = defineQuery({
  name: 'social-feed.profileByHandle',
  access: 'anyone',
  description: 'The profile with this handle, or null.',
  input: z.object({ handle: z.string().max(100) }),
  output: ProfileView.nullable(),
});
export const AwaitProfile = defineQuery({
  name: 'social-feed.awaitProfile',
  access: 'anyone',
  description: 'The profile with this id as soon as it is there, or null after waitMs: sign-up answers with it.',
  input: z.object({ id: NamedId, waitMs: z.int().min(0).max(30_000) }),
  output: ProfileView.nullable(),
});
export const SearchProfiles = defineQuery({
  name: 'social-feed.searchProfiles',
  access: 'anyone',
  description: 'Profiles whose name or handle has every word of the query, or a word that begins with it.',
  input: PageInput.extend({ query: z.string().max(200) }),
  output: pageOf(ProfileView),
});
export const FollowersOf = defineQuery({
  name: 'social-feed.followersOf',
  access: 'anyone',
  description: 'Who follows a profile, newest first.',
  input: PageInput.extend({ profileId: NamedId }),
  output: pageOf(ProfileView),
});
export const FollowedBy = defineQuery({
  name: 'social-feed.followedBy',
  access: 'anyone',
  description: 'Whom a profile follows, newest first.',
  input: PageInput.extend({ profileId: NamedId }),
  output: pageOf(ProfileView),
});
export const PostsByIds = defineQuery({
  name: 'social-feed.postsByIds',
  access: 'anyone',
  description: 'The posts of these ids that are not deleted, in any order.',
  input: Ids,
  output: z.array(PostView),
});
export const PostsByAuthor = defineQuery({
  name: 'social-feed.postsByAuthor',
  access: 'anyone',
  description: "A profile's posts, newest first.",
  input: PageInput.extend({ profileId: NamedId }),
  output: pageOf(PostView),
});
export const PostsByProduct = defineQuery({
  name: 'social-feed.postsByProduct',
  access: 'anyone',
  description: 'Posts that tag a product, newest first.',
  input: PageInput.extend({ productId: NamedId }),
  output: pageOf(PostView),
});
export const HomeFeed = defineQuery({
  name: 'social-feed.homeFeed',
  access: 'signed-in',
  description:
    'Posts of those whom the caller follows and the own ones, newest first, each with the reason it is there.',
  input: PageInput,
  output: pageOf(FeedItemView),
});
export const CommentsByIds = defineQuery({
  name: 'social-feed.commentsByIds',
  access: 'anyone',
  description: 'The comments that exist of these ids.',
  input: Ids,
  output: z.array(CommentView),
});
export const CommentsOfPost = defineQuery({
  name: 'social-feed.commentsOfPost',
  access: 'anyone',
  description: 'Comments on a post, oldest first.',
  input: PageInput.extend({ postId: NamedId }),
  output: pageOf(CommentView),
});
export const ShareLinksByIds = defineQuery({
  name: 'social-feed.shareLinksByIds',
  access: 'anyone',
  description: 'The share links that exist of these ids.',
  input: Ids,
  output: z.array(ShareLinkView),
});
export const ShareLinkByCode = defineQuery({
  name: 'social-feed.shareLinkByCode',
  access: 'anyone',
  description: 'The share link with this code, or null.',
  input: z.object({ code: z.string().max(64) }),
  output: ShareLinkView.nullable(),
});
export const ShareLinksOfCaller = defineQuery({
  name: 'social-feed.shareLinksOfCaller',
  access: 'signed-in',
  description: "The caller's own share links, newest first.",
  input: PageInput,
  output: pageOf(ShareLinkView),
});

// ---- commands

const Text = z.string().max(2_000, 'has more than 2,000 characters');

export const UpdateProfile = defineCommand({
  name: 'social-feed.updateProfile',
  access: 'signed-in',
  description: "Changes the fields that are given of the caller's profile; null takes bio or picture away.",
  input: z.object({
    clientMutationKey: ClientMutationKey,
    name: z.string().trim().min(1, 'is empty').max(80).nullish(),
    bio: z.string().trim().max(500).nullish(),
    avatarUrl: AvatarUrl.nullish(),
  }),
  output: z.discriminatedUnion('__typename', [resultOf('Profile', ProfileView), InvalidInput]),
});
const followResult = z.discriminatedUnion('__typename', [
  resultOf('Profile', ProfileView),
  NotFound,
  SelfFollow,
  IdempotencyConflict,
]);
export const FollowProfile = defineCommand({
  name: 'social-feed.follow',
  access: 'signed-in',
  description: 'The caller follows a profile; answers that profile. Following again changes nothing.',
  input: z.object({ clientMutationKey: ClientMutationKey, profileId: NamedId }),
  output: followResult,
});
export const UnfollowProfile = defineCommand({
  name: 'social-feed.unfollow',
  access: 'signed-in',
  description:
    'The caller no longer follows a profile; answers that profile. Its posts are gone from the next feed read.',
  input: z.object({ clientMutationKey: ClientMutationKey, profileId: NamedId }),
  output: followResult,
});
export const CreatePost = defineCommand({
  name: 'social-feed.createPost',
  access: 'signed-in',
  description: 'Publishes a post. Text of 1 to 2,000 characters unless there is media; at most 10 tags and 10 media.',
  input: z
    .object({
      clientMutationKey: ClientMutationKey,
      text: Text,
      productTags: z
        .array(z.object({ productId: NamedId, variantId: NamedId.nullish() }))
        .max(10, 'has more than 10 tags'),
      media: z.array(MediaView).max(10, 'has more than 10 media'),
    })
    .refine(({ text, media }) => text.trim() !== '' || media.length > 0, {
      path: ['text'],
      error: 'is empty, and there is no media',
    }),
  output: z.discriminatedUnion('__typename', [resultOf('Post', PostView), NotFound, InvalidInput, IdempotencyConflict]),
});
export const DeletePost = defineCommand({
  name: 'social-feed.deletePost',
  access: 'signed-in',
  description: "Takes a post of the caller's back; NotFound for anybody else's.",
  input: z.object({ clientMutationKey: ClientMutationKey, id: NamedId }),
  output: z.discriminatedUnion('__typename', [
    z.object({ __typename: z.literal('DeletedPost'), id: z.string() }),
    NotFound,
  ]),
});
const reactResult = z.discriminatedUnion('__typename', [resultOf('Post', PostView), NotFound]);
export const React = defineCommand({
  name: 'social-feed.react',
  access: 'signed-in',
  description: "Sets the caller's one reaction to a post.",
  input: z.object({ clientMutationKey: ClientMutationKey, postId: NamedId, kind: ReactionKind }),
  output: reactResult,
});
export const Unreact = defineCommand({
  name: 'social-feed.unreact',
  access: 'signed-in',
  description: "Takes the caller's reaction to a post back.",
  input: z.object({ clientMutationKey: ClientMutationKey, postId: NamedId }),
  output: reactResult,
});
export const Comment = defineCommand({
  name: 'social-feed.comment',
  access: 'signed-in',
  description: 'Comments on a post, with 1 to 2,000 characters.',
  input: z.object({
    clientMutationKey: ClientMutationKey,
    postId: NamedId,
    text: Text.refine((text) => text.trim() !== '', 'is empty'),
  }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Comment', CommentView),
    NotFound,
    InvalidInput,
    IdempotencyConflict,
  ]),
});
export const CreateShareLink = defineCommand({
  name: 'social-feed.createShareLink',
  access: 'signed-in',
  description: 'Makes a link that shares a product, perhaps from a post.',
  input: z.object({ clientMutationKey: ClientMutationKey, productId: NamedId, postId: NamedId.nullish() }),
  output: z.discriminatedUnion('__typename', [resultOf('ShareLink', ShareLinkView), NotFound, IdempotencyConflict]),
});
export const RecordClick = defineCommand({
  name: 'social-feed.recordClick',
  access: 'anyone',
  description: 'Counts one click on a share link; answers the link, or null for an unknown code.',
  input: z.object({ code: z.string().max(64) }),
  output: ShareLinkView.nullable(),
});
