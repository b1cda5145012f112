import { CountCommentsWhenOneIsAdded } from './comment/count-comments-when-one-is-added.reaction.js';
import { CommentRepository } from './comment/comment.repository.js';
import { RestoredComments } from './comment/restored-comments.projection.js';
import { RemadeFollowCounts, RemadePostCounts } from './counts/remade-counts.projection.js';
import { FollowRepository } from './graph/follow.repository.js';
import { RestoredTies } from './graph/restored-ties.projection.js';
import { SettleTieWhenGraphChanges } from './graph/settle-tie-when-graph-changes.reaction.js';
import { PostRepository } from './post/post.repository.js';
import { RestoredPosts } from './post/restored-posts.projection.js';
import { CopyProductWhenCatalogChanges } from './product/copy-product-when-catalog-changes.reaction.js';
import { ProductCopies } from './product/product-copy.projection.js';
import { CreateProfileWhenAccountIsCreated } from './profile/create-profile-when-account-is-created.reaction.js';
import { ProfileRepository } from './profile/profile.repository.js';
import { RestoredProfiles } from './profile/restored-profiles.projection.js';
import { CountReactionsWhenTheyChange } from './reaction/count-reactions-when-they-change.reaction.js';
import { ReactionRepository } from './reaction/reaction.repository.js';
import { RestoredReactions } from './reaction/restored-reactions.projection.js';
import { CountOrderWhenOrderIsConfirmed } from './share-link/count-order-when-order-is-confirmed.reaction.js';
import { RestoredLinkOrders, RestoredLinks } from './share-link/restored-links.projection.js';
import { LinkOrders, ShareLinkRepository } from './share-link/share-link.repository.js';
import { FanOutWhenPostIsPublished } from './timeline/fan-out-when-post-is-published.reaction.js';
import { RemadeTimelines } from './timeline/remade-timelines.projection.js';

/** Every event that this service reacts to. */
export const reactions = [
  CreateProfileWhenAccountIsCreated, // account.created
  CopyProductWhenCatalogChanges, //     product.created, product.changed
  CountOrderWhenOrderIsConfirmed, //    order.confirmed
  FanOutWhenPostIsPublished, //         post.published
  SettleTieWhenGraphChanges, //         graph.followed, graph.unfollowed
  CountReactionsWhenTheyChange, //      reaction.set, reaction.removed
  CountCommentsWhenOneIsAdded, //       comment.added
];

/** Groups that can be made anew from the events of other services. */
export const projections = [{ group: 'social-feed.products', collections: [ProductCopies] }];

/** What this service owns, made anew from its own states. */
export const restorations = [
  { name: 'social-feed.profiles', reader: RestoredProfiles, collections: [ProfileRepository] },
  { name: 'social-feed.follows', reader: RestoredTies, collections: [FollowRepository] },
  { name: 'social-feed.posts', reader: RestoredPosts, collections: [PostRepository] },
  { name: 'social-feed.reactions', reader: RestoredReactions, collections: [ReactionRepository] },
  { name: 'social-feed.comments', reader: RestoredComments, collections: [CommentRepository] },
  { name: 'social-feed.share-links', reader: RestoredLinks, collections: [ShareLinkRepository] },
  {
    name: 'social-feed.link-orders',
    after: ['social-feed.share-links'],
    reader: RestoredLinkOrders,
    collections: [LinkOrders],
  },
];

/** What this service makes of what it owns; named after the groups that keep it up. */
export const remakes = [
  { name: 'social-feed.graph', remake: RemadeFollowCounts },
  { name: 'social-feed.engagement', remake: RemadePostCounts },
  { name: 'social-feed.timelines', remake: RemadeTimelines },
];
