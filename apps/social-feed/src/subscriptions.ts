import { CountCommentsWhenOneIsAdded } from './comment/count-comments-when-one-is-added.reaction.js';
import { restoredComments } from './comment/restored-comments.projection.js';
import { RemadeFollowCounts, RemadePostCounts } from './counts/remade-counts.projection.js';
import { restoredTies } from './graph/restored-ties.projection.js';
import { SettleTieWhenGraphChanges } from './graph/settle-tie-when-graph-changes.reaction.js';
import { restoredPosts } from './post/restored-posts.projection.js';
import { CopyProductWhenCatalogChanges } from './product/copy-product-when-catalog-changes.reaction.js';
import { ProductCopies } from './product/product-copy.projection.js';
import { CreateProfileWhenAccountIsCreated } from './profile/create-profile-when-account-is-created.reaction.js';
import { restoredProfiles } from './profile/restored-profiles.projection.js';
import { CountReactionsWhenTheyChange } from './reaction/count-reactions-when-they-change.reaction.js';
import { restoredReactions } from './reaction/restored-reactions.projection.js';
import { CountOrderWhenOrderIsConfirmed } from './share-link/count-order-when-order-is-confirmed.reaction.js';
import { restoredLinkOrders, restoredLinks } from './share-link/restored-links.projection.js';
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
  restoredProfiles, //   profile.created, profile.changed
  restoredTies, //       graph.followed, graph.unfollowed
  restoredPosts, //      post.published, post.deleted
  restoredReactions, //  reaction.set, reaction.removed
  restoredComments, //   comment.added
  restoredLinks, //      share-link.created, share-link.clicked, share-link.ordered
  restoredLinkOrders, // order.confirmed
];

/** What this service makes of what it owns; named after the groups that keep it up. */
export const remakes = [
  { name: 'social-feed.graph', remake: RemadeFollowCounts },
  { name: 'social-feed.engagement', remake: RemadePostCounts },
  { name: 'social-feed.timelines', remake: RemadeTimelines },
];
