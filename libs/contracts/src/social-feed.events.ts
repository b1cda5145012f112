import { z } from 'zod';
import { defineEvent } from './envelope.js';
import { idOf } from './ids.js';
import { MediaView, ProductTagView, ReactionKind } from './social-feed.views.js';

const IDS = {
  profile: 'profile_01m84gm0f0f25a4d8x22mf2yaw',
  other: 'profile_01m84gm0f0f25a4d8x22mf2yax',
  account: 'account_01m84gm0f0f25a4d8x22mf2yaw',
  post: 'post_01m84gm0f0f25a4d8x22mf2yaw',
  comment: 'comment_01m84gm0f0f25a4d8x22mf2yaw',
  link: 'link_01m84gm0f0f25a4d8x22mf2yaw',
  product: 'product_01m84gm0f0f25a4d8x22mf2yaw',
};

const graphEvent = { topic: 'social.graph.v1', owner: 'social-feed' } as const;

const Profile = z.object({
  profileId: idOf('profile'),
  accountId: idOf('account'),
  handle: z.string(),
  name: z.string(),
  bio: z.string().nullish(),
  avatarUrl: z.string().nullish(),
  /** When the account was created. */
  createdAt: z.iso.datetime().nullish(),
});
const profileExample = { profileId: IDS.profile, accountId: IDS.account, handle: 'cleo', name: 'Cleo' };

export const ProfileCreated = defineEvent({
  ...graphEvent,
  type: 'profile.created',
  key: 'profileId',
  description: 'A person can be found, followed and read from now on.',
  schema: Profile,
  example: profileExample,
});
export const ProfileChanged = defineEvent({
  ...graphEvent,
  type: 'profile.changed',
  key: 'profileId',
  description: 'A person changed name, bio or picture; the event carries the profile as it is now.',
  schema: Profile,
  example: { ...profileExample, bio: 'Lamps.' },
});

const Follow = z.object({ followerId: idOf('profile'), followeeId: idOf('profile') });
/** `since`: where the tie stands among others; the event itself may have been written a moment later. */
const NewFollow = Follow.extend({ since: z.iso.datetime().nullish() });
const followExample = { followerId: IDS.profile, followeeId: IDS.other };

export const Followed = defineEvent({
  ...graphEvent,
  type: 'graph.followed',
  key: 'followerId',
  description: 'One person began to follow another.',
  schema: NewFollow,
  example: followExample,
});
export const Unfollowed = defineEvent({
  ...graphEvent,
  type: 'graph.unfollowed',
  key: 'followerId',
  description: 'One person no longer follows another.',
  schema: Follow,
  example: followExample,
});

const postEvent = { topic: 'social.post.v1', owner: 'social-feed', key: 'authorId' } as const;

export const PostPublished = defineEvent({
  ...postEvent,
  type: 'post.published',
  description: 'Somebody posted; keyed by the author, so that the posts and deletions of one author keep their order.',
  schema: z.object({
    postId: idOf('post'),
    authorId: idOf('profile'),
    text: z.string(),
    media: z.array(MediaView),
    productTags: z.array(ProductTagView),
    createdAt: z.iso.datetime().nullish(),
  }),
  example: {
    postId: IDS.post,
    authorId: IDS.profile,
    text: 'My new lamp',
    media: [],
    productTags: [{ productId: IDS.product }],
  },
});
export const PostDeleted = defineEvent({
  ...postEvent,
  type: 'post.deleted',
  description: 'An author took a post back.',
  schema: z.object({ postId: idOf('post'), authorId: idOf('profile') }),
  example: { postId: IDS.post, authorId: IDS.profile },
});

const engagementEvent = { topic: 'social.engagement.v1', owner: 'social-feed' } as const;

export const ReactionSet = defineEvent({
  ...engagementEvent,
  type: 'reaction.set',
  key: 'postId',
  description: 'Somebody reacted to a post, or changed the reaction (then previous is the one before).',
  schema: z.object({
    postId: idOf('post'),
    profileId: idOf('profile'),
    kind: ReactionKind,
    previous: ReactionKind.nullish(),
  }),
  example: { postId: IDS.post, profileId: IDS.profile, kind: 'LOVE' as const },
});
export const ReactionRemoved = defineEvent({
  ...engagementEvent,
  type: 'reaction.removed',
  key: 'postId',
  description: 'Somebody took a reaction back.',
  schema: z.object({ postId: idOf('post'), profileId: idOf('profile'), kind: ReactionKind }),
  example: { postId: IDS.post, profileId: IDS.profile, kind: 'LOVE' as const },
});
export const Commented = defineEvent({
  ...engagementEvent,
  type: 'comment.added',
  key: 'postId',
  description: 'Somebody commented on a post.',
  schema: z.object({
    commentId: idOf('comment'),
    postId: idOf('post'),
    authorId: idOf('profile'),
    text: z.string(),
    createdAt: z.iso.datetime().nullish(),
  }),
  example: { commentId: IDS.comment, postId: IDS.post, authorId: IDS.profile, text: 'Where from?' },
});

const ShareLink = z.object({
  linkId: idOf('link'),
  code: z.string(),
  ownerId: idOf('profile'),
  productId: idOf('product'),
  postId: idOf('post').nullish(),
  createdAt: z.iso.datetime().nullish(),
});
const linkExample = { linkId: IDS.link, code: 'k3x9q2ab', ownerId: IDS.profile, productId: IDS.product };

export const ShareLinkCreated = defineEvent({
  ...engagementEvent,
  type: 'share-link.created',
  key: 'linkId',
  description: 'Somebody made a link that shares a product.',
  schema: ShareLink,
  example: linkExample,
});
export const ShareLinkClicked = defineEvent({
  ...engagementEvent,
  type: 'share-link.clicked',
  key: 'linkId',
  description: 'Somebody opened a share link; clicks counts all of them so far.',
  schema: ShareLink.extend({ clicks: z.int().min(1) }),
  example: { ...linkExample, clicks: 1 },
});
export const ShareLinkOrdered = defineEvent({
  ...engagementEvent,
  type: 'share-link.ordered',
  key: 'linkId',
  description: 'An order that came through a share link was confirmed; orders counts all of them so far.',
  schema: ShareLink.extend({ orderId: idOf('order'), orders: z.int().min(1) }),
  example: { ...linkExample, orderId: 'order_01m84gm0f0f25a4d8x22mf2yaw', orders: 1 },
});

export const socialFeedEvents = [
  ProfileCreated,
  ProfileChanged,
  Followed,
  Unfollowed,
  PostPublished,
  PostDeleted,
  ReactionSet,
  ReactionRemoved,
  Commented,
  ShareLinkCreated,
  ShareLinkClicked,
  ShareLinkOrdered,
] as const;
